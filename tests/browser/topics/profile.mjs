// The profile of a table's columns: what it says, that it refines and stops, and what a click on a bar does.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';

const ROWS = 5000;

/** A table of which everything is known beforehand. */
function known() {
  const lines = ['id,kind,at,"odd name",empty,ok,big'];
  for (let row = 0; row < ROWS; row += 1) {
    const kind = row % 10 < 7 ? 'common' : `rare-${row % 3}`;
    const at = new Date(Date.UTC(2026, 0, 1) + row * 60_000).toISOString();
    const odd = row % 4 === 0 ? '' : (row % 100) / 4;
    lines.push(`${row},${kind},${at},${odd},,${row % 5 === 0},"[ ""x"", ${row} ]"`);
  }
  return `${lines.join('\n')}\n`;
}

async function openProfile(page, table) {
  await page.getByRole('button', { name: `Profile the columns of ${table}` }).click();
}

/** What the dialog says of a column, by the labels of its figures. */
function figures(page, column) {
  return page.locator(`dialog[open] [data-column="${column}"]`).evaluate((row) => {
    const pairs = [...row.querySelectorAll('dl > div')].map((pair) => [
      pair.querySelector('dt').textContent,
      pair.querySelector('dd').textContent.trim(),
    ]);
    return Object.fromEntries(pairs);
  });
}

const editorText = (page) => page.locator('[data-part=editor] .cm-content').innerText();

export default async function profile(t, { browser, site }) {
  const app = await App.ready(browser, `${site.origin}/?cache_mb=0`);
  const { page } = app;
  const [{ table }] = await app.addText('known.csv', [known()]);

  await t.test('every column is measured', async () => {
    await openProfile(page, table);
    await page.getByText('Click a bar to filter by it.').waitFor({ timeout: 60_000 });
    const id = await figures(page, 'id');
    assert.deepEqual([id.nulls, id.least, id.greatest, id.mean], ['none', '0', '4999', '2,499.5']);
    assert.ok(Math.abs(Number(id.median.replace(',', '')) - 2500) <= 100, id.median);
    assert.ok(Math.abs(Number(id.distinct.replace(/[≈, ]/g, '')) - ROWS) <= 150, id.distinct);
    const odd = await figures(page, 'odd name');
    assert.deepEqual([odd.nulls, odd.least, odd.greatest], ['1,250 (25 %)', '0.25', '24.75']);
    const at = await figures(page, 'at');
    assert.deepEqual([at.least, at.greatest], ['2026-01-01', '2026-01-04 11:19:00']);
    const empty = await figures(page, 'empty');
    assert.deepEqual(empty, { nulls: '5,000 (100 %)' });
    const kinds = await page.locator('dialog[open] [data-column=kind] button[title^=common]').getAttribute('title');
    assert.equal(kinds, 'common: 3,500');
    const counts = await page.locator('dialog[open] [data-column=id] button[title*=" to "]').evaluateAll((bars) =>
      bars.map((bar) => Number(bar.title.split(': ')[1].replaceAll(',', ''))),
    );
    assert.equal(counts.reduce((sum, count) => sum + count, 0), ROWS);
  });

  await t.test('a click on a bar filters the query', async () => {
    await page.locator('dialog[open] [data-column=kind] button[title^=common]').click();
    await page.waitForFunction(() => /exact/.test(document.querySelector('[data-panel=rows]')?.textContent ?? ''));
    assert.match(await editorText(page), /WHERE kind = 'common'/);
    await openProfile(page, table);
    await page.locator('dialog[open] [data-column=at] button[title*=" to "]').nth(2).click();
    await page.waitForFunction(() => document.querySelector('dialog[open]') === null);
    assert.match(await editorText(page), /AND at >= TIMESTAMP '.+'\s+AND at < TIMESTAMP '.+'/);
    await openProfile(page, table);
    await page.locator('dialog[open] [data-column="odd name"] dd button').click();
    await page.waitForFunction(() => document.querySelector('dialog[open]') === null);
    assert.match(await editorText(page), /AND "odd name" IS NULL/);
  });

  await t.test('a big table shows figures while it is read, and can be stopped', async () => {
    const [{ table: events }] = await app.addFiles([eventsFile()]);
    await openProfile(page, events);
    const price = page.locator('dialog[open] [data-column=price] dl');
    await price.waitFor({ timeout: 30_000 });
    await page.getByText(/^Reading… /).waitFor();
    const early = (await figures(page, 'price')).mean;
    assert.ok(Number(early) > 0, early);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(/^Stopped after \d+ % /).waitFor({ timeout: 10_000 });
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('dialog[open]') === null);
    // Nothing goes on behind the closed dialog.
    const { rows } = await app.query('SELECT 1');
    assert.equal(rows.length, 1);
  });

  assert.deepEqual(app.errors, []);
  await app.close();
}
