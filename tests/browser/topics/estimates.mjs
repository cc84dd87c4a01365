// Estimates of final values: while a big file is read, as numbers for scripts and as marks on the page.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';

const editorText = '[data-part=editor] .cm-content';
const toggle = '[data-part=estimate] input';
const sqlOf = (table) => `SELECT category, count(*) AS n, avg(price) AS mean, max(price) AS high FROM ${table}
  WHERE user_id % 3 = 0 GROUP BY category ORDER BY category`;

/** Runs a text of the editor with the keyboard. */
async function start(page, sql) {
  await page.locator(editorText).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(sql);
  await page.keyboard.press('Control+Enter');
}

/** Starts a query and ends it in the middle, so that its partial result stays. */
async function stopInTheMiddle(page, sql) {
  await start(page, sql);
  await page.waitForFunction(() => {
    const bar = document.querySelector('[role=progressbar][aria-label="Share of the input that was read"]');
    return Number(bar?.getAttribute('aria-valuenow')) >= 35;
  }, undefined, { timeout: 60_000, polling: 20 });
  await page.keyboard.press('Escape');
  await page.locator('[data-part=run]').waitFor({ timeout: 5_000 });
}

/** The cells of the table's first row. */
function firstRow(page) {
  return page.locator('[data-panel=rows] [role=row]').nth(1).locator('[role=gridcell]');
}

export default async function estimates(t, { browser, site }) {
  // Columns that are kept in memory would make later scans too short to look at.
  const app = await App.ready(browser, `${site.origin}/?cache_mb=0`);
  const { page } = app;
  const [{ table }] = await app.addFiles([eventsFile()]);

  await t.test('snapshots carry intervals, and most of them hold the exact value', async () => {
    const { snapshots, rows } = await page.evaluate(async (sql) => {
      const snapshots = [];
      const onSnapshot = (snapshot) => snapshots.push(snapshot);
      const { rows } = await window.millrace.query(sql, { onSnapshot });
      const plain = (rows) => rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)));
      return { snapshots: snapshots.map((one) => ({ ...one, rows: plain(one.rows) })), rows: plain(rows) };
    }, sqlOf(table));
    const exact = new Map(rows.map((row) => [row[0], row]));
    let [intervals, held, narrow] = [0, 0, 0];
    for (const { fraction, rows: partial, estimates: columns } of snapshots) {
      if (fraction === 1) continue;
      // A maximum cannot be estimated, and a group is what it is.
      assert.deepEqual(columns.map(({ column }) => column), [1, 2]);
      for (const { column, values } of columns) {
        assert.equal(values.length, partial.length);
        for (const [index, estimate] of values.entries()) {
          if (estimate === null) continue;
          const { value, low, high } = estimate;
          assert.ok(low <= value && value <= high, JSON.stringify(estimate));
          const truth = exact.get(partial[index][0])[column];
          // Sums of floating point numbers in another order differ in their last digits.
          const slack = 1e-9 * Math.abs(truth);
          intervals += 1;
          held += Number(low - slack <= truth && truth <= high + slack);
          narrow += Number(fraction > 0.3 && high - low < 0.2 * value);
        }
      }
    }
    assert.ok(intervals > 500, `${intervals} intervals in ${snapshots.length} snapshots`);
    // Intervals of one scan depend on each other, so the share scatters around 95 %.
    assert.ok(held / intervals > 0.85, `${held} of ${intervals} hold the exact value`);
    assert.ok(narrow > 100, `${narrow} are narrow`);
    return `${held} of ${intervals} in ${snapshots.length} snapshots`;
  });

  await t.test('the page shows values so far until asked for estimates, and remembers the choice', async () => {
    await stopInTheMiddle(page, sqlOf(table));
    await page.locator(toggle).waitFor({ timeout: 5_000 });
    assert.equal(await page.locator(toggle).isChecked(), false);
    const cells = firstRow(page);
    const soFar = Number(await cells.nth(1).innerText());
    assert.ok(soFar > 0);
    assert.match(await page.locator('[data-panel=rows] [data-coverage]').innerText(), /^partial: covers \d+ %/);

    await page.locator(toggle).check();
    const count = page.locator('[data-panel=rows] [data-final=estimate]').first();
    await count.waitFor({ timeout: 5_000 });
    const [, value] = /^≈ ([\d,]+) ± [\d,.]+$/.exec(await count.innerText());
    const { rows } = await app.query(sqlOf(table));
    const exact = Number(rows[0][1]);
    const estimate = Number(value.replaceAll(',', ''));
    assert.ok(estimate > soFar && Math.abs(estimate - exact) < 0.1 * exact, `${estimate} for ${exact}`);
    assert.match(await count.getAttribute('title'), new RegExp(`95 % interval .* to .*So far: ${soFar}$`));
    // A maximum is what was read so far, and has no mark of an estimate.
    assert.equal(await cells.nth(3).getAttribute('data-final'), null);
    assert.match(await page.locator('[data-panel=rows] [data-coverage]').innerText(), /^estimated from \d+ %/);
    assert.match(await page.getByRole('columnheader').nth(2).getByRole('button').getAttribute('title'), /values so far/);
    assert.equal(await page.evaluate(() => localStorage.getItem('millrace.estimate')), 'on');
    return `${estimate} ± … for ${exact}, ${soFar} so far`;
  });

  await t.test('the chart has intervals, and says so in words', async () => {
    await page.locator('[data-part=estimated-note]').getByText('whiskers are 95 % intervals').waitFor({ timeout: 5_000 });
    const words = () => page.locator('[data-chart=canvas]').getAttribute('aria-label');
    assert.match(await words(), /Estimated final values: \d+ points, whose 95 % intervals reach up to [\d.]+ %/);
    await page.locator('[data-chart-kind=line]').click();
    await page.locator('[data-part=estimated-note]').getByText('bands are 95 % intervals').waitFor({ timeout: 5_000 });
    await page.locator(toggle).uncheck();
    await page.locator('[data-part=estimated-note]').waitFor({ state: 'detached' });
    assert.doesNotMatch(await words(), /stimate/);
    await page.locator(toggle).check();
  });

  await t.test('the final result is exact and has no estimates', async () => {
    await start(page, sqlOf(table));
    await page.locator('[data-panel=rows] [data-final=estimate]').first().waitFor({ timeout: 20_000 });
    await page.locator('[data-panel=run-bar] [data-part=coverage]').getByText('exact', { exact: true })
      .waitFor({ timeout: 60_000 });
    await page.locator(toggle).waitFor({ state: 'detached', timeout: 5_000 });
    await page.locator('[data-panel=rows] [data-final]').first().waitFor({ state: 'detached' });
    assert.match(await page.locator('[data-chart=canvas]').getAttribute('aria-label'), /Exact\.$/);
    const { rows } = await app.query(sqlOf(table));
    await page.waitForFunction(([row, count]) =>
      document.querySelector(`[data-panel=rows] #cell-${row}-1`)?.textContent === count, [0, String(rows[0][1])]);
  });

  await t.test('nothing of all this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
}
