// The menu of the page: colours, the benchmark, about.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';

/** Opens the menu and chooses an entry. */
async function choose(page, name) {
  await page.locator('[data-part=menu]').click();
  await page.locator(`[data-menu=${name}]`).click();
  await page.locator('[data-part=menu-list]').waitFor({ state: 'hidden' });
}

export default async function menu(t, { browser, site }) {
  await t.test('colours are the system\'s until others are chosen, from the first frame on', async () => {
    const app = await App.open(browser, site.origin, { colorScheme: 'dark' });
    const { page } = app;
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await theme(), 'millrace-dark');
    await choose(page, 'theme');
    assert.equal(await theme(), 'millrace-light');
    // Scripts before the page's own decide what is drawn first.
    await page.route(/millrace-ui/, (route) => route.abort());
    await page.reload();
    assert.equal(await theme(), 'millrace-light');
    await app.close();
  });

  await t.test('Escape closes the menu, and about says what this is', async () => {
    const app = await App.ready(browser, site.origin);
    const { page } = app;
    await page.locator('[data-part=menu]').click();
    await page.locator('[data-menu=about]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('[data-part=menu-list]').waitFor({ state: 'hidden' });
    await choose(page, 'about');
    assert.match(await page.getByRole('dialog').innerText(), new RegExp(`Version ${app.info.version}, `));
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(app.errors, []);
    await app.close();
  });

  await t.test('the benchmark measures each query twice and leaves nothing behind', async () => {
    const app = await App.ready(browser, `${site.origin}/?benchmark_rows=150000`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = app;
    await choose(page, 'benchmark');
    await page.locator('[data-part=benchmark-start]').click();
    await page.locator('[data-part=benchmark-copy]').waitFor({ timeout: 60_000 });
    const lines = page.locator('[data-part=benchmark-report] tbody tr');
    const cells = await lines.evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(cells.map(([query, run]) => `${query}, ${run}`), [
      'by category, from the file',
      'by category, from memory',
      'per minute and region, from the file',
      'per minute and region, from memory',
    ]);
    for (const [, , time, , rate, rows] of cells) {
      assert.match(time, /^[\d.]+ m?s$/);
      assert.ok(Number(rate.replaceAll(',', '')) > 1, rate);
      assert.match(rows, /^[\d.]+( [kMG])?$/);
    }
    await page.locator('[data-part=benchmark-copy]').click();
    await page.locator('[data-part=benchmark-copy]').getByText('Copied').waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(text, /^Millrace \d[^\n]*11\.\d MB of CSV, 150,000 rows, \d+ threads?\n\n\| query \|/);
    assert.equal(text.split('\n').filter((line) => line.startsWith('| ')).length, 5);
    assert.deepEqual(await page.evaluate(() => window.millrace.tables()), []);
    assert.equal((await app.failure('SELECT count(*) FROM millrace_benchmark')).kind, 'sql');
    assert.deepEqual((await page.evaluate(() => window.millrace.cached())).columns, []);
    assert.deepEqual(app.errors, []);
    await app.close();
    return cells.map(([, , time]) => time).join(', ');
  });

  await t.test('a cancelled or closed benchmark leaves nothing behind either', async () => {
    // Each query has to take long enough to be seen at it.
    const app = await App.ready(browser, `${site.origin}/?benchmark_rows=2000000&cache_mb=0`);
    const { page } = app;
    const gone = async () => {
      const { kind } = await app.failure('SELECT count(*) FROM millrace_benchmark');
      assert.equal(kind, 'sql');
    };
    await choose(page, 'benchmark');
    const step = page.locator('[data-part=benchmark-step]');
    await page.locator('[data-part=benchmark-start]').click();
    await step.getByText('making the data').waitFor();
    await page.locator('[data-part=benchmark-cancel]').click();
    await page.locator('[data-part=benchmark-start]').waitFor({ timeout: 2_000 });
    await page.locator('[data-part=benchmark-start]').click();
    await step.getByText('from the file').waitFor({ timeout: 60_000 });
    await page.locator('[data-part=benchmark-cancel]').click();
    await page.locator('[data-part=benchmark-start]').waitFor({ timeout: 2_000 });
    await gone();
    await page.locator('[data-part=benchmark-start]').click();
    await step.getByText('from the file').waitFor({ timeout: 60_000 });
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await gone();
    const { rows } = await app.query('SELECT 40 + 2');
    assert.deepEqual(rows, [[42n]]);
    assert.deepEqual(app.errors, []);
    await app.close();
  });
}
