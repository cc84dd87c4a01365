// What a person does: drop a file, write SQL, watch, sort, save, make mistakes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { App } from '../app.mjs';
import { filesFromDisk } from '../chromium.mjs';
import { categoriesFile, eventsFile } from '../data.mjs';

const editorText = '[data-part=editor] .cm-content';
const status = '[data-panel=run-bar] [data-part=run-status]';
const coverage = '[data-panel=run-bar] [data-part=coverage]';

/** Drops files on the window, as the browser tells the page of it. */
async function drop(page, paths) {
  const files = await filesFromDisk(page, paths);
  await page.evaluate((files) => {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    for (const type of ['dragenter', 'dragover', 'drop']) {
      const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer });
      document.body.dispatchEvent(event);
    }
  }, files);
}

/** Replaces the text of the editor. */
async function write(page, sql) {
  await page.locator(editorText).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(sql);
}

/** Writes a query, runs it with the keyboard and waits for its exact result. */
async function run(page, sql) {
  await write(page, sql);
  await page.keyboard.press('Control+Enter');
  await page.locator(coverage).getByText('exact', { exact: true }).waitFor({ timeout: 60_000 });
  await page.locator('[data-panel=run-bar] [data-part=run]').waitFor();
}

/** The texts of the table's first rows. */
function firstRows(page, count) {
  return page.evaluate((count) => {
    const rows = [...document.querySelectorAll('[data-panel=rows] [role=row]')].slice(1, 1 + count);
    return rows.map((row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent));
  }, count);
}

async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

export default async function pageTopic(t, { browser, site }) {
  const app = await App.ready(browser, site.origin);
  const { page } = app;

  await t.test('dropped files become tables with columns, and a first query stands ready', async () => {
    await drop(page, [eventsFile(20e6), categoriesFile()]);
    const cards = page.locator('[data-panel=sources] [data-table]');
    await cards.nth(1).waitFor({ timeout: 5_000 });
    assert.match(await cards.nth(0).innerText(), /events[\s\S]*20\.0 MB[\s\S]*user_id/);
    assert.match(await cards.nth(1).innerText(), /categories[\s\S]*100 rows[\s\S]*margin/);
    assert.match(await page.locator(editorText).innerText(), /SELECT[\s\S]*FROM events/i);
  });

  const [{ table }] = await page.evaluate(() => window.millrace.tables());
  const sql = `SELECT category, count(*) AS n, avg(price) AS mean FROM ${table} GROUP BY category ORDER BY category`;

  await t.test('Ctrl+Enter runs the text, and table and chart show the result', async () => {
    await run(page, sql);
    const { rows } = await app.query(sql);
    const shown = await firstRows(page, 5);
    assert.deepEqual(shown.map(([name]) => name), rows.slice(0, 5).map(([name]) => name));
    assert.deepEqual(shown.map(([, n]) => n.replace(/\D/g, '')), rows.slice(0, 5).map(([, n]) => String(n)));
    assert.equal(await page.locator('[data-panel=rows] [data-rows]').getAttribute('data-rows'), '100');
    await page.locator('[data-chart=canvas] canvas, [data-chart=canvas] svg').first().waitFor({ timeout: 5_000 });
  });

  await t.test('a click on a column name sorts by it, and the CSV file has that order', async () => {
    const { rows } = await app.query(sql);
    const header = page.getByRole('columnheader').filter({ hasText: /^n/ });
    await header.getByRole('button').click();
    await page.locator('[role=columnheader][aria-sort=ascending]').waitFor();
    await header.getByRole('button').click();
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor();
    // The engine keeps rows with the same count in the order of the result.
    const sorted = rows.toSorted(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0));
    await page.waitForFunction((name) =>
      document.querySelector('[data-panel=rows] [role=gridcell]')?.textContent === name, sorted[0][0]);
    const { name, bytes } = await saved(page, page.locator('[data-download=csv]'));
    assert.match(name, /\.csv$/);
    const lines = bytes.toString('utf8').split('\n');
    assert.deepEqual(lines, ['category,n,mean', ...sorted.map((row) => row.join(',')), '']);
  });

  await t.test('the chart is saved as a picture', async () => {
    const { name, bytes } = await saved(page, page.getByRole('button', { name: 'PNG' }));
    assert.match(name, /\.png$/);
    assert.deepEqual([...bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    assert.ok(width > 300 && height > 150, `${width} × ${height}`);
    // An empty picture of this size compresses to almost nothing.
    assert.ok(bytes.length > 5_000, `${bytes.length} bytes`);
    return `${width} × ${height}`;
  });

  await t.test('a mistyped column is marked while it is typed, and told when it is run', async () => {
    await write(page, `SELECT prise FROM ${table}`);
    const mark = page.locator('[data-part=editor] .cm-lintRange-error');
    await mark.waitFor({ timeout: 5_000 });
    assert.equal(await mark.innerText(), 'prise');
    await page.locator(editorText).click();
    await page.keyboard.press('Control+Enter');
    const card = page.locator('[data-part=error][data-kind=sql]');
    await card.waitFor({ timeout: 5_000 });
    assert.match(await card.innerText(), /price/);
  });

  await t.test('bad rows are listed with their line numbers', async () => {
    await app.addText('ragged.csv', ['a,b,c\n1,2,3\n4,5\n"6\n6",7,8\n9,10,11,12\n13,14,15\n'], 'ragged');
    await run(page, 'SELECT * FROM ragged');
    await page.locator('[data-part=bad-rows]').click();
    const lines = page.getByRole('dialog').locator('tbody tr td:nth-child(2)');
    await lines.first().waitFor();
    assert.deepEqual(await lines.allInnerTexts(), ['3', '6']);
    await page.keyboard.press('Escape');
  });

  await t.test('while a big file is read the page shows how far it is, and Escape ends it', async () => {
    const [big] = await app.addFiles([eventsFile()], 'big');
    await page.evaluate(([status, coverage]) => {
      window.seen = { status: new Set(), coverage: new Set(), bar: new Set() };
      const look = () => {
        window.seen.status.add(document.querySelector(status)?.textContent ?? '');
        window.seen.coverage.add(document.querySelector(coverage)?.textContent ?? '');
        window.seen.bar.add(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') ?? '');
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    }, [status, coverage]);
    await run(page, `SELECT category, avg(price) AS mean FROM ${big.table} GROUP BY category`);
    const seen = await page.evaluate(() =>
      Object.fromEntries(Object.entries(window.seen).map(([name, set]) => [name, [...set]])));
    const partial = seen.coverage.filter((text) => /covers \d/.test(text));
    assert.ok(partial.length >= 4, `partial results shown: ${partial}`);
    assert.ok(seen.bar.filter(Boolean).length >= 5, `progress bar: ${seen.bar}`);
    assert.ok(seen.status.some((text) => /of 1\.\d+ GB.*rows\/s.*left.*threads? busy/.test(text)), seen.status.join('\n'));

    await write(page, `SELECT category, avg(price), count(DISTINCT comment) FROM ${big.table} GROUP BY category`);
    await page.keyboard.press('Control+Enter');
    await page.locator(coverage).getByText('covers').waitFor({ timeout: 20_000 });
    await page.keyboard.press('Escape');
    await page.locator('[data-part=run]').waitFor({ timeout: 1_000 });
    return `${partial.length} partial results on screen`;
  });

  await t.test('a million rows scroll to their end at once', async () => {
    await run(page, `SELECT ts, user_id, price FROM big LIMIT 1000000`);
    assert.equal(await page.locator('[data-panel=rows] [data-rows]').getAttribute('data-rows'), '1000000');
    // A new result begins at its first row: nobody scrolls before it has been painted.
    await page.waitForTimeout(300);
    const from = await page.evaluate(() => performance.now());
    await page.getByRole('grid').evaluate((grid) => grid.scrollTo(0, grid.scrollHeight));
    const last = page.locator('[data-panel=rows] #cell-999999-0');
    await last.filter({ hasText: /^2026-/ }).waitFor({ timeout: 2_000 });
    const tasks = await app.longTasks(from, await page.evaluate(() => performance.now()));
    assert.deepEqual(tasks.filter(({ duration }) => duration > 100), []);
  });

  await t.test('the sample needs no file', async () => {
    const fresh = await App.ready(browser, site.origin);
    await fresh.page.locator('[data-part=sample]').click();
    await fresh.page.locator('[data-panel=sources] [data-table]').first().waitFor({ timeout: 60_000 });
    await fresh.page.locator(editorText).click();
    await fresh.page.keyboard.press('Control+Enter');
    await fresh.page.locator(coverage).getByText('exact', { exact: true }).waitFor({ timeout: 60_000 });
    const count = await fresh.page.locator('[data-panel=rows] [data-rows]').getAttribute('data-rows');
    assert.ok(Number(count) > 1, `${count} rows`);
    assert.deepEqual(fresh.errors, []);
    await fresh.close();
  });

  await t.test('nothing of all this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
}
