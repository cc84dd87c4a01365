// What a person made: tabs, steps taken back, work that is kept, links, and recipes as files.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { App } from '../app.mjs';
import { categoriesFile, eventsFile, writeFile } from '../data.mjs';
import { run, saved, sql, tableNames, write } from '../work.mjs';

const tab = (page, name) => page.locator('[data-panel=tabs] [role=tab]', { hasText: new RegExp(`^${name}$`) });
const tabNames = (page) => page.locator('[data-panel=tabs] [role=tab]').allInnerTexts();
const rowCount = (page) => page.locator('[data-panel=rows] [data-rows]').getAttribute('data-rows');
const undo = (page) => page.locator('[data-command-button=undo]');
const redo = (page) => page.locator('[data-command-button=redo]');
const fileInput = (page) => page.locator('input[type=file]').first();

/** Waits until a change counts as a step. */
async function rested(page, words) {
  await page.waitForFunction((words) => {
    const button = document.querySelector('[data-command-button=undo]');
    return !button.disabled && button.ariaLabel.includes(words);
  }, words);
}

/** Waits until the work is kept with a text in it. */
async function kept(page, words) {
  const isKept = () => page.evaluate((words) => new Promise((resolve) => {
    const opening = indexedDB.open('millrace-recipes');
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => resolve(false);
    opening.onsuccess = () => {
      const asked = opening.result.transaction('kept').objectStore('kept').getAll();
      asked.onsuccess = () => {
        opening.result.close();
        resolve(asked.result.some(({ text }) => text.includes(words)));
      };
    };
  }), words);
  const end = performance.now() + 30_000;
  while (!(await isKept())) {
    assert.ok(performance.now() < end, `${words} is not kept`);
    await page.waitForTimeout(50);
  }
}

export default async function recipes(t, { browser, site }) {
  await tabs(t, browser, site);
  await steps(t, browser, site);
  await keeping(t, browser, site);
  await sharing(t, browser, site);
}

async function tabs(t, browser, site) {
  const app = await App.ready(browser, site.origin);
  const { page } = app;
  await app.addFiles([categoriesFile()], 'categories');

  await t.test('each tab keeps its text, its builder and its result', async () => {
    await run(page, 'SELECT * FROM categories ORDER BY margin');
    await page.keyboard.press('Alt+t');
    assert.deepEqual(await tabNames(page), ['query_1', 'query_2']);
    assert.equal((await sql(page)).trim(), '');
    await run(page, 'SELECT count(*) AS n FROM categories');
    assert.equal(await rowCount(page), '1');
    await page.locator('[data-part=new-tab]').click();
    await page.locator('[data-part=run]').waitFor();
    await tab(page, 'query_1').click();
    assert.equal(await sql(page), 'SELECT * FROM categories ORDER BY margin');
    assert.equal(await rowCount(page), '100');
    await page.locator('[data-panel=rows] #cell-0-0').filter({ hasText: /\S/ }).waitFor();
    await page.keyboard.press('Alt+PageDown');
    assert.equal(await sql(page), 'SELECT count(*) AS n FROM categories');
    await page.locator('[data-panel=rows] #cell-0-0').getByText('100', { exact: true }).waitFor();
    // What one tab takes back in its text is not another's.
    await page.locator('[data-part=editor] .cm-content').click();
    await page.keyboard.press('Control+z');
    await tab(page, 'query_1').click();
    assert.equal(await sql(page), 'SELECT * FROM categories ORDER BY margin');
    const from = await page.evaluate(() => performance.now());
    for (let step = 0; step < 6; step += 1) await page.keyboard.press('Alt+PageDown');
    const tasks = await app.longTasks(from, await page.evaluate(() => performance.now()));
    assert.deepEqual(tasks.filter(({ duration }) => duration > 300), []);
  });

  await t.test('a query goes on while another tab is on screen, and its result waits there', async () => {
    const { table } = (await app.addFiles([eventsFile(200e6)], 'events'))[0];
    await tab(page, 'query_3').click();
    await write(page, `SELECT category, avg(price), count(DISTINCT user_id) FROM ${table} GROUP BY category`);
    await page.keyboard.press('Control+Enter');
    await page.locator('[data-part=cancel]').waitFor();
    await tab(page, 'query_1').click();
    await page.locator('[data-part=run]').waitFor();
    assert.equal(await rowCount(page), '100');
    await page.locator('[data-panel=tabs] .loading').waitFor({ state: 'detached', timeout: 60_000 });
    await tab(page, 'query_3').click();
    await page.locator('[data-panel=run-bar] [data-part=coverage]').getByText('exact', { exact: true }).waitFor();
    await page.locator('[data-panel=rows] #cell-0-0').filter({ hasText: /\S/ }).waitFor();
    assert.equal(await rowCount(page), '100');
  });

  await t.test('a double click renames a query, and others use its rows by its name', async () => {
    await tab(page, 'query_1').dblclick();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('best');
    await page.keyboard.press('Enter');
    await tab(page, 'best').waitFor();
    await write(page, 'SELECT * FROM categories ORDER BY margin DESC LIMIT 3');
    await tab(page, 'query_2').click();
    await run(page, 'WITH own AS (SELECT * FROM best)\nSELECT count(*) AS n, min(margin) AS least FROM own');
    const { rows } = await app.query('SELECT min(margin) FROM (SELECT * FROM categories ORDER BY margin DESC LIMIT 3)');
    await page.locator('[data-panel=rows] #cell-0-0').getByText('3', { exact: true }).waitFor();
    const shown = Number(await page.locator('[data-panel=rows] #cell-0-1').innerText());
    assert.ok(Math.abs(shown - rows[0][0]) < 1e-3, `${shown} and ${rows[0][0]}`);
    await tab(page, 'best').dblclick();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('The best');
    await page.keyboard.press('Enter');
    await tab(page, 'query_2').click();
    assert.match(await sql(page), /FROM "The best"/);
    await run(page, await sql(page));
  });

  await t.test('an error in a query that is used names that query; one of its own is marked', async () => {
    await tab(page, 'The best').click();
    await write(page, 'SELECT *\nFROM categories ORDER BY margn');
    await tab(page, 'query_2').click();
    await page.locator('[data-part=editor] .cm-content').click();
    await page.keyboard.press('Control+Enter');
    const card = page.locator('[data-panel=query] ~ [data-part=error], [data-part=error][data-kind=sql]').first();
    await card.waitFor();
    assert.match(await card.innerText(), /In the query “The best”: There is no column margn/);
    await tab(page, 'The best').click();
    await write(page, 'SELECT margn,\n  nothing.x FROM categories');
    await tab(page, 'query_2').click();
    await page.locator('[data-part=run]').click();
    await page.locator('[data-part=error]').getByText(/In the query “The best”, line [12], column \d+/).waitFor();
    await tab(page, 'The best').click();
    await write(page, 'SELECT * FROM categories');
    await tab(page, 'query_2').click();
    await write(page, 'SELECT count(*)\nFROM "The best" WHERE margn > 0');
    const mark = page.locator('[data-part=editor] .cm-lintRange-error');
    await mark.waitFor({ timeout: 5_000 });
    assert.equal(await mark.innerText(), 'margn');
  });

  await t.test('queries that use each other in a circle are refused by name', async () => {
    await tab(page, 'The best').click();
    await write(page, 'SELECT * FROM query_2');
    await tab(page, 'query_2').click();
    await write(page, 'SELECT * FROM "The best"');
    await page.keyboard.press('Control+Enter');
    const card = page.locator('[data-part=error]').filter({ hasText: 'circle' });
    await card.waitFor();
    assert.match(await card.innerText(), /“query_2” uses “The best” uses “query_2”/);
  });

  await t.test('tabs are dragged to another place, also by keys', async () => {
    await tab(page, 'query_3').dragTo(tab(page, 'The best'));
    assert.deepEqual(await tabNames(page), ['query_3', 'The best', 'query_2']);
    await tab(page, 'query_3').click();
    await page.keyboard.press('Alt+Shift+PageDown');
    assert.deepEqual(await tabNames(page), ['The best', 'query_3', 'query_2']);
  });

  await t.test('nothing of this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
}

async function steps(t, browser, site) {
  const app = await App.ready(browser, site.origin);
  const { page } = app;
  await fileInput(page).setInputFiles([categoriesFile()]);
  await page.locator('[data-table=categories]').waitFor();
  await rested(page, 'add the table “categories”');

  await t.test('a closed query comes back with its text', async () => {
    await page.keyboard.press('Alt+t');
    await write(page, 'SELECT 42 AS answer');
    await rested(page, 'query_2');
    await page.locator('[data-part=close-tab]').nth(1).click();
    await rested(page, 'close the query “query_2”');
    assert.deepEqual(await tabNames(page), ['query_1']);
    await undo(page).click();
    assert.deepEqual(await tabNames(page), ['query_1', 'query_2']);
    await tab(page, 'query_2').click();
    assert.equal(await sql(page), 'SELECT 42 AS answer');
  });

  await t.test('Ctrl+Z outside of text takes back what was chosen, and Ctrl+Shift+Z makes it again', async () => {
    await tab(page, 'query_1').click();
    const before = await sql(page);
    await page.locator('[data-panel=builder] [data-builder=aggregate] select').first().selectOption({ label: 'count distinct' });
    const after = await sql(page);
    assert.notEqual(after, before);
    await rested(page, 'change the choices of “query_1”');
    await tab(page, 'query_1').focus();
    await page.keyboard.press('Control+z');
    await page.waitForFunction(() => document.querySelector('[data-builder=detached]') === null);
    assert.equal(await sql(page), before);
    await page.keyboard.press('Control+Shift+z');
    assert.equal(await sql(page), after);
    // In the text it is the text's own step.
    await page.locator('[data-part=editor] .cm-content').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText(' -- more');
    await page.keyboard.press('Control+z');
    assert.equal(await sql(page), after);
    assert.deepEqual(await tabNames(page), ['query_1', 'query_2']);
  });

  await t.test('a table that was removed comes back, read as it was', async () => {
    await page.getByRole('button', { name: 'Show first rows of categories' }).click();
    await page.locator('[data-part=reading] summary').click();
    await page.getByLabel('Header').selectOption('no');
    await page.getByRole('dialog').getByText('no header row').waitFor();
    await page.keyboard.press('Escape');
    await rested(page, 'change how “categories” is read');
    const names = () => page.evaluate(() => window.millrace.tables()[0]?.columns.map(({ name }) => name));
    const changed = await names();
    await page.getByRole('button', { name: 'Remove categories' }).click();
    await rested(page, 'remove the table “categories”');
    assert.deepEqual(await tableNames(page), []);
    await undo(page).click();
    await page.locator('[data-table=categories]').waitFor();
    assert.deepEqual(await names(), changed);
    await undo(page).click();
    await page.waitForFunction((changed) => window.millrace.tables()[0].columns[0].name !== changed[0], changed);
    assert.ok((await names()).includes('margin'), `${await names()}`);
    await redo(page).click();
    await page.waitForFunction((changed) => window.millrace.tables()[0].columns[0].name === changed[0], changed);
    await redo(page).click();
    await page.locator('[data-table=categories]').waitFor({ state: 'detached' });
    assert.deepEqual(app.errors, []);
  });
  await app.close();
}

async function keeping(t, browser, site) {
  const lines = (from, count) => Array.from({ length: count }, (_, n) => `${from + n},${(from + n) % 7}\n`).join('');

  await t.test('work is there after a reload, and its files by one click', async () => {
    const app = await App.ready(browser, site.origin);
    const { page } = app;
    // A handle as the browser gives it of a file that is dropped or chosen, here of one of its own.
    await page.evaluate(async (text) => {
      const folder = await navigator.storage.getDirectory();
      const handle = await folder.getFileHandle('measured.csv', { create: true });
      const file = await handle.createWritable();
      await file.write(text);
      await file.close();
      await window.millrace.addFiles([handle]);
    }, `id,day\n${lines(0, 1000)}`);
    await run(page, 'SELECT day, count(*) AS n FROM measured GROUP BY day ORDER BY day');
    await page.keyboard.press('Alt+t');
    await write(page, 'SELECT max(n) FROM query_1');
    await kept(page, 'max(n)');
    await page.reload();
    await page.locator('[data-recent=measured] button').first().click();
    await page.locator('[data-table=measured]').waitFor({ timeout: 60_000 });
    assert.deepEqual(await tabNames(page), ['query_1', 'query_2']);
    await tab(page, 'query_2').click();
    await page.locator('[data-part=run]').click();
    await page.locator('[data-panel=rows] #cell-0-0').getByText('143', { exact: true }).waitFor();
    assert.equal(await page.locator('[data-part=needed]').count(), 0);
    assert.deepEqual(app.errors, []);
    await app.close();
  });

  await t.test('without handles the files are asked for by name and size, and known again', async () => {
    const app = await App.ready(browser, site.origin);
    const { page } = app;
    const files = ['2024', '2025'].map((year, place) => writeFile(`part_${year}.csv`, `id;day\n${lines(place * 500, 500)}`.replaceAll(',', ';')));
    await fileInput(page).setInputFiles(files);
    await page.locator('[data-part=alike] button').first().click();
    await page.locator('[data-table=part]').waitFor();
    await run(page, 'SELECT count(*) FROM part');
    await kept(page, 'FROM part');
    await page.reload();
    await page.locator('[data-recent=part] button').first().click();
    const needed = page.locator('[data-part=needed]');
    await needed.waitFor();
    assert.match(await needed.innerText(), /part_2024\.csv\s*2\.90 kB[\s\S]*part_2025\.csv/);
    // Another file becomes a table as ever, and one alone is not enough.
    await fileInput(page).setInputFiles([categoriesFile(), files[1]]);
    await page.locator('[data-table=categories]').waitFor();
    assert.equal(await page.locator('[data-table=part]').count(), 0);
    await fileInput(page).setInputFiles([files[0]]);
    await page.locator('[data-table=part]').waitFor();
    await needed.waitFor({ state: 'detached' });
    assert.deepEqual((await tableNames(page)).sort(), ['categories', 'part']);
    await run(page, 'SELECT count(*) FROM part');
    await page.locator('[data-panel=rows] #cell-0-0').getByText('1000', { exact: true }).waitFor();
    // A click forgets work that is not wanted any more.
    await page.reload();
    await page.getByRole('button', { name: /^Forget .*part/ }).click();
    await page.locator('[data-panel=recent]').waitFor({ state: 'detached' });
    assert.deepEqual(app.errors, []);
    await app.close();
  });

  await t.test('where the browser keeps nothing, that is told', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('no room on this disk', 'QuotaExceededError');
      };
    });
    await page.goto(site.origin);
    await fileInput(page).setInputFiles([categoriesFile()]);
    const notice = page.locator('[data-panel=notices]');
    await notice.getByText('no room on this disk').waitFor({ timeout: 60_000 });
    assert.match(await notice.innerText(), /not kept for the next visit[\s\S]*Save recipe as a file/);
    await notice.getByRole('button', { name: 'Dismiss' }).click();
    await notice.waitFor({ state: 'detached' });
    await context.close();
  });
}

async function sharing(t, browser, site) {
  const secret = 'purple-elephant';
  const file = writeFile('told.csv', `name;n\n${secret};7\nother;8\n`);
  const app = await App.ready(browser, site.origin);
  const { page } = app;
  await fileInput(page).setInputFiles([file]);
  await page.locator('[data-table=told]').waitFor();
  await run(page, 'SELECT sum(n) AS total FROM told');

  await t.test('a link opens the same work elsewhere, and holds no data', async () => {
    await page.locator('[data-part=menu]').click();
    await page.locator('[data-menu=share]').click();
    const link = await page.locator('[data-part=link]').inputValue();
    assert.match(await page.locator('[data-panel=share]').innerText(), /1 query[\s\S]*1 file[\s\S]*no data/);
    await page.keyboard.press('Escape');
    assert.ok(link.startsWith(`${site.origin}/#recipe=`) && link.length < 2_000, `${link.length} letters`);
    const text = await page.evaluate(async (link) => {
      const letters = atob(link.split('#recipe=')[1].replaceAll('-', '+').replaceAll('_', '/'));
      const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
      return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).text();
    }, link);
    assert.ok(text.includes('told.csv') && !text.includes(secret) && !text.includes('other'), text);

    const elsewhere = await App.ready(browser, link);
    const needed = elsewhere.page.locator('[data-part=needed]');
    await needed.waitFor();
    assert.match(await needed.innerText(), /told\.csv\s*33 B/);
    assert.equal(await sql(elsewhere.page), 'SELECT sum(n) AS total FROM told');
    assert.equal(new URL(elsewhere.page.url()).hash, '');
    await fileInput(elsewhere.page).setInputFiles([file]);
    await elsewhere.page.locator('[data-table=told]').waitFor();
    await elsewhere.page.locator('[data-part=run]').click();
    await elsewhere.page.locator('[data-panel=rows] #cell-0-0').getByText('15', { exact: true }).waitFor();
    assert.deepEqual(elsewhere.errors, []);
    await elsewhere.close();
    const cut = await App.ready(browser, link.slice(0, -20));
    await cut.page.locator('[data-panel=notices]').getByText('The link is damaged').waitFor();
    await cut.close();
    return `${link.length} letters`;
  });

  await t.test('a recipe is saved as a file and opened from it', async () => {
    await page.locator('[data-part=menu]').click();
    const { name, bytes, path } = await saved(page, page.locator('[data-menu=save-recipe]'));
    assert.equal(name, 'told.millrace.json');
    assert.deepEqual(JSON.parse(bytes).sources[0].files, [{ name: 'told.csv', sizeBytes: 33 }]);
    const copy = writeFile(name, await readFile(path));
    await page.locator('[data-part=menu]').click();
    await page.locator('[data-menu=begin-anew]').click();
    await page.getByText('Drop files anywhere').first().waitFor();
    assert.deepEqual(await tableNames(page), []);
    // The page still holds the file itself, so nothing is asked for.
    await fileInput(page).setInputFiles([copy]);
    await page.locator('[data-table=told]').waitFor();
    assert.equal(await sql(page), 'SELECT sum(n) AS total FROM told');
    await fileInput(page).setInputFiles([writeFile('other.millrace.json', '{"a": 1}')]);
    await page.locator('[data-panel=notices]').getByText('It is no recipe of Millrace.').waitFor();
    assert.deepEqual(app.errors, []);
  });
  await app.close();
}
