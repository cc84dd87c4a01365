// Windows over event time, in the notations of Flink and Spark, over a file that is read in splits.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';

const MINUTE_MILLIS = 60_000;
const start = (row) => Date.parse(row[0]);

export default async function windows(t, { browser, site }) {
  // Columns that are kept in memory would make scans too short for partial results.
  const app = await App.ready(browser, `${site.origin}/?cache_mb=0`);
  const [{ table }] = await app.addFiles([eventsFile(200e6)]);
  const total = (await app.query(`SELECT count(*) FROM ${table}`)).rows[0][0];
  const counts = (rows) => rows.reduce((sum, row) => sum + row.at(-1), 0n);
  const tumble = `SELECT window_start, window_end, count(*) AS n
    FROM TABLE(TUMBLE(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '10' MINUTES))
    GROUP BY window_start, window_end ORDER BY window_start`;
  const panes = (await app.query(tumble)).rows;

  await t.test('tumbling windows are those of date_bin, and hold every row', async () => {
    const binned = await app.query(`SELECT date_bin(INTERVAL '10 minutes', ts) AS start, count(*) AS n
      FROM ${table} GROUP BY start ORDER BY start`);
    assert.deepEqual(panes.map(([start, , n]) => [start, n]), binned.rows);
    assert.equal(counts(panes), total);
    return `${panes.length} windows`;
  });

  await t.test('Spark\'s notation gives the same windows', async () => {
    const { rows } = await app.query(`SELECT window.start, window.end, count(*) AS n FROM ${table}
      GROUP BY window(ts, '10 minutes') ORDER BY window.start`);
    assert.deepEqual(rows, panes);
  });

  await t.test('hopping windows are sums of panes, and come live', async () => {
    const hop = await app.query(`SELECT window_start, window_end, count(*) AS n
      FROM HOP(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '60' MINUTES)
      GROUP BY window_start, window_end ORDER BY window_start`);
    const paneOf = new Map(panes.map((row) => [start(row), row.at(-1)]));
    for (const row of hop.rows) {
      const six = [0, 1, 2, 3, 4, 5].map((pane) => paneOf.get(start(row) + pane * 10 * MINUTE_MILLIS) ?? 0n);
      assert.equal(row.at(-1), six.reduce((sum, n) => sum + n, 0n), row[0]);
    }
    assert.equal(counts(hop.rows), total * 6n);
    assert.ok(hop.fractions.length >= 1, 'no partial result');
    return `${hop.rows.length} windows, ${hop.fractions.length} partial results`;
  });

  await t.test('cumulating windows grow within each hour', async () => {
    const { rows } = await app.query(`SELECT window_start, window_end, count(*) AS n
      FROM CUMULATE(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '1' HOUR)
      GROUP BY window_start, window_end ORDER BY window_start, window_end`);
    const last = new Map(rows.map((row) => [row[0], row.at(-1)]));
    assert.equal([...last.values()].reduce((sum, n) => sum + n, 0n), total);
    assert.ok(rows.every((row, index) => index === 0 || row[0] !== rows[index - 1][0] || row[2] >= rows[index - 1][2]));
  });

  await t.test('sessions hold every row, whatever the threads', async () => {
    const { rows } = await app.query(`SELECT region, window_start, window_end, count(*) AS n
      FROM SESSION(TABLE ${table} PARTITION BY region, DESCRIPTOR(ts), INTERVAL '300' MILLISECOND)
      GROUP BY region, window_start, window_end ORDER BY region, window_start`);
    assert.equal(counts(rows), total);
    rows.forEach((row, index) => {
      const before = rows[index - 1];
      if (before?.[0] === row[0]) assert.ok(Date.parse(row[1]) > Date.parse(before[2]), row.join());
    });
    return `${rows.length} sessions`;
  });

  await t.test('a window that cannot be says why, and where', async () => {
    const failure = await app.failure(`SELECT * FROM HOP(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '2' HOURS, INTERVAL '1' HOUR)`);
    assert.equal(failure.kind, 'sql');
    assert.match(failure.message, /slide/i);
  });

  await t.test('the builder writes hopping windows, and says at the field what cannot be', async () => {
    const { page } = app;
    const builder = page.locator('[data-panel=builder]');
    const written = () => page.locator('[data-part=editor] .cm-content').innerText();
    const set = async (length, count, unit) => {
      const field = builder.locator(`[data-builder=${length}]`);
      await field.getByRole('textbox').fill(count);
      await field.getByRole('combobox').selectOption(unit);
      return field;
    };
    await builder.getByLabel('Kind of windows').selectOption({ label: 'hopping' });
    await set('size', '1', 'hour');
    const slide = await set('slide', '2', 'hour');
    assert.match(await slide.locator('[data-builder=problem]').innerText(), /larger than the size/i);
    assert.equal(await slide.getByRole('textbox').getAttribute('aria-invalid'), 'true');
    assert.doesNotMatch(await written(), /HOP/);
    await set('slide', '10', 'minute');
    assert.equal(await slide.locator('[data-builder=problem]').innerText(), '');
    while (await builder.locator('[data-builder=aggregate]').count() > 1) {
      await builder.locator('[data-builder=aggregate]').last().getByRole('button').click();
    }

    await page.locator('[data-part=run]').click();
    await page.locator('[data-panel=run-bar] [data-part=coverage]').getByText('exact', { exact: true })
      .waitFor({ timeout: 60_000 });
    const typed = await app.query(`SELECT window_start, window_end, count(*) AS count
      FROM HOP(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '1' HOUR)
      GROUP BY window_start, window_end ORDER BY window_start, window_end`);
    assert.deepEqual((await app.query(await written())).rows, typed.rows);
    const rows = page.locator('[data-panel=rows] [data-rows]');
    assert.equal(await rows.getAttribute('data-rows'), String(typed.rows.length));
    const shown = await page.evaluate(() => [...document.querySelectorAll('[data-panel=rows] [role=row]')].slice(1, 6)
      .map((row) => [...row.querySelectorAll('[role=gridcell]')].at(-1).textContent.replace(/\D/g, '')));
    assert.deepEqual(shown, typed.rows.slice(0, 5).map((row) => String(row.at(-1))));
  });

  await t.test('the editor completes a window as a template', async () => {
    const { page } = app;
    await page.locator('[data-part=editor] .cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('SELECT count(*) FROM tumb');
    await page.locator('.cm-tooltip-autocomplete [aria-selected=true]').getByText('TUMBLE').waitFor();
    // The list takes no key in the first moment, so that nobody chooses by mistake.
    await page.waitForTimeout(150);
    await page.keyboard.press('Tab');
    const text = await page.locator('[data-part=editor] .cm-content').innerText();
    assert.match(text, new RegExp(`FROM TUMBLE\\(TABLE ${table}, DESCRIPTOR\\(ts\\), INTERVAL '10' MINUTES\\)`));
    assert.deepEqual((await app.query(text)).rows, [[total]]);
  });

  await t.test('nothing of all this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
}
