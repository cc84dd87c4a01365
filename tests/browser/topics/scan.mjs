// A file of more than 1 GB: exact results, snapshots, memory, threads, a main thread that is never busy, cancel.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { statSync } from 'node:fs';

import { App } from '../app.mjs';
import { residentNow, threadCpuMillis, watchMemory } from '../chromium.mjs';
import { categoriesFile, eventsFile, EVENTS_BYTES } from '../data.mjs';
import { difference, referenceDatabase } from '../duckdb.mjs';

const MEMORY_LIMIT_BYTES = 700e6;
/** What memory may grow by from the fifth of many equal queries to the last. */
const FLAT_BYTES = 40e6;

/** The same query for both engines, or one for each where their SQL differs. */
const QUERIES = {
  'group by': `SELECT category, count(*) AS n, avg(price) AS mean, max(price) AS high, sum(quantity) AS items
    FROM events GROUP BY category ORDER BY category`,
  'time buckets': {
    millrace: `SELECT date_bin(INTERVAL '5 minutes', ts) AS bucket, region, count(*) AS n, min(price), max(price)
      FROM events GROUP BY bucket, region ORDER BY bucket, region`,
    duckdb: `SELECT time_bucket(INTERVAL '5 minutes', ts) AS bucket, region, count(*) AS n, min(price), max(price)
      FROM events GROUP BY bucket, region ORDER BY bucket, region`,
  },
  'join with a second file': `SELECT c.department, count(*) AS n, sum(e.price * e.quantity) AS turnover, avg(c.margin)
    FROM events e JOIN categories c ON e.category = c.category
    WHERE e.region <> 'west' GROUP BY c.department ORDER BY c.department`,
  'top N': `SELECT price, ts, user_id, category, comment FROM events
    ORDER BY price DESC, ts, user_id LIMIT 25`,
  OVER: `SELECT minute, region, n, sum(n) OVER (PARTITION BY region ORDER BY minute) AS total,
      rank() OVER (PARTITION BY minute ORDER BY n DESC, region) AS place
    FROM (SELECT date_trunc('minute', ts) AS minute, region, count(*) AS n FROM events GROUP BY 1, 2) AS minutes
    ORDER BY minute, region`,
};

export default async function scan(t, { browser, site }) {
  const events = eventsFile();
  const categories = categoriesFile();
  const duckdb = await referenceDatabase({
    events: { file: events, types: { ts: 'TIMESTAMP', comment: 'VARCHAR' } },
    categories: { file: categories, types: {} },
  });
  const app = await App.ready(browser, site.origin);
  const memory = await watchMemory(browser);
  const forget = () => app.page.evaluate(() => window.millrace.clearCache());
  const scans = [];

  await t.test('a big file is a table within a second', async () => {
    const start = performance.now();
    const [table] = await app.addFiles([events]);
    const millis = performance.now() - start;
    assert.equal(table.table, `events_${EVENTS_BYTES}`.replace(/[^a-z0-9_]/gi, '_'));
    assert.equal(table.bytes, statSync(events).size);
    assert.ok(millis < 1_000, `it took ${Math.round(millis)} ms`);
    return `${Math.round(millis)} ms`;
  });

  const [table] = await app.addFiles([events], 'events');
  await app.addFiles([categories], 'categories');

  await t.test('columns have their types', () => {
    const types = Object.fromEntries(table.columns.map(({ name, type }) => [name, type]));
    assert.deepEqual(types, {
      ts: 'TIMESTAMP',
      user_id: 'BIGINT',
      category: 'VARCHAR',
      region: 'VARCHAR',
      price: 'DOUBLE',
      quantity: 'BIGINT',
      comment: 'VARCHAR',
    });
  });

  // What the page makes ready beside the engine is done before anybody has written a query.
  await app.page.waitForTimeout(2_000);
  for (const [name, sql] of Object.entries(QUERIES)) {
    await t.test(`${name} equals DuckDB's result`, async () => {
      await forget();
      const before = await threadCpuMillis(browser);
      const result = await app.query(sql.millrace ?? sql);
      const after = await threadCpuMillis(browser);
      const wall = result.end - result.start;
      const busy = [...after].map(([tid, millis]) => millis - (before.get(tid) ?? 0));
      scans.push({ name, ...result, busyMillis: busy.sort((a, b) => b - a) });
      assert.equal(difference(result.rows, await duckdb.rows(sql.duckdb ?? sql)), null);
      assert.equal(result.stats.badRows, 0);
      // The header is not read again.
      const { bytesRead } = result.stats;
      assert.ok(bytesRead > statSync(events).size - 1_000, `${bytesRead} bytes read`);
      return `${result.rows.length} rows in ${(wall / 1e3).toFixed(2)} s, ${result.fractions.length} snapshots`;
    });
  }

  await t.test('the same query again reads nothing and takes a fraction of the time', async () => {
    // As many columns as find room in memory.
    const sql = 'SELECT category, count(*) AS n, max(price) AS highest FROM events GROUP BY category ORDER BY category';
    await forget();
    const first = await app.query(sql);
    const again = await app.query(sql);
    assert.deepEqual(again.rows, first.rows);
    assert.equal(again.stats.bytesRead, 0);
    assert.equal(again.stats.rowsRead, first.stats.rowsRead);
    const share = again.stats.elapsedMillis / first.stats.elapsedMillis;
    assert.ok(share < 0.4, `${again.stats.elapsedMillis} ms after ${first.stats.elapsedMillis} ms`);
    const cache = await app.page.evaluate(() => window.millrace.cached());
    assert.deepEqual(cache.columns.map(({ column, fraction }) => [column, fraction]),
      [['category', 1], ['price', 1]]);
    assert.ok(cache.bytes > 0 && cache.bytes <= cache.limitBytes);
    return `${again.stats.elapsedMillis.toFixed(0)} ms, ${share.toFixed(2)} of the first; ${cache.bytes / 1e6 | 0} MB kept`;
  });

  await t.test('at least ten snapshots come, and cover more and more', () => {
    const { fractions, stats } = scans.find(({ name }) => name === 'group by');
    assert.ok(fractions.length >= 10, `${fractions.length} snapshots were seen, ${stats.snapshots} were sent`);
    assert.ok(stats.snapshots >= 10);
    assert.ok(fractions.every((fraction, index) => index === 0 || fraction >= fractions[index - 1]), `${fractions}`);
    assert.ok(fractions[0] > 0 && fractions[0] < 0.5 && fractions.at(-1) <= 1, `${fractions}`);
    return `${fractions.length} seen, the first of ${(fractions[0] * 100).toFixed(0)} %`;
  });

  await t.test('two threads are busy', () => {
    const { stats, busyMillis } = scans.find(({ name }) => name === 'group by');
    assert.ok(stats.threads >= 2, `${stats.threads} threads`);
    assert.ok(stats.threadsBusyMax >= 2, `at most ${stats.threadsBusyMax} busy`);
    // Compared with each other and not with the clock, so that other programs may run as well.
    const [first, second] = busyMillis;
    assert.ok(second > 200 && second > first / 2, `processor time of the busiest threads: ${busyMillis.slice(0, 4)} ms`);
    return `the two busiest used ${first} and ${second} ms of processor time`;
  });

  await t.test('no task of the main thread takes more than 50 ms while scanning', async () => {
    assert.equal(scans.length, Object.keys(QUERIES).length);
    for (const { name, start, end } of scans) {
      const tasks = await app.longTasks(start, end);
      assert.deepEqual(tasks.filter(({ duration }) => duration > 50).map(({ duration }) => duration), [], name);
    }
  });

  await t.test('cancel in the middle takes effect within 100 ms', async () => {
    await forget();
    const outcome = await app.page.evaluate(async () => {
      const controller = new AbortController();
      let aborted;
      const sql = 'SELECT category, avg(price * quantity), count(DISTINCT region) FROM events GROUP BY category';
      const onSnapshot = ({ fraction }) => {
        if (aborted !== undefined || fraction < 0.2) return;
        aborted = { fraction, at: performance.now() };
        controller.abort();
      };
      try {
        await window.millrace.query(sql, { onSnapshot, signal: controller.signal });
        return { aborted, kind: 'none' };
      } catch (error) {
        return { aborted, kind: error.kind, millis: performance.now() - aborted?.at };
      }
    });
    assert.equal(outcome.kind, 'cancelled');
    assert.ok(outcome.aborted.fraction < 0.95, `cancelled at ${outcome.aborted.fraction}`);
    assert.ok(outcome.millis <= 100, `it took ${outcome.millis} ms`);
    return `${outcome.millis.toFixed(0)} ms, at ${(outcome.aborted.fraction * 100).toFixed(0)} %`;
  });

  await t.test('a cancelled scan leaves no thread working', async () => {
    await sleep(500);
    const before = await threadCpuMillis(browser);
    await sleep(1_000);
    const after = await threadCpuMillis(browser);
    const used = [...after].reduce((sum, [tid, millis]) => sum + millis - (before.get(tid) ?? 0), 0);
    assert.ok(used < 200, `${used} ms of processor time in a second`);
    const { rows } = await app.query("SELECT count(*) FROM categories WHERE margin > 0.5");
    assert.deepEqual(rows, await duckdb.rows('SELECT count(*) FROM categories WHERE margin > 0.5'));
  });

  await t.test('scan after scan ends', async () => {
    // A read that is never answered shows only after thousands of reads.
    const resident = [];
    for (let run = 0; run < 25; run += 1) {
      await forget();
      const { rows } = await app.query('SELECT region, count(*) FROM events GROUP BY region');
      assert.equal(rows.length, 5);
      resident.push(await residentNow(browser));
    }
    const grown = resident.at(-1) - resident[4];
    assert.ok(grown < FLAT_BYTES, `memory grew by ${Math.round(grown / 1e6)} MB from the fifth scan to the last`);
    return `memory changed by ${Math.round(grown / 1e6)} MB from the fifth scan to the last`;
  });

  const { peakBytes, samples } = await memory.stop();
  await t.test('the renderer stays below 700 MB', () => {
    assert.ok(samples > 50, `only ${samples} samples`);
    assert.ok(peakBytes > 50e6 && peakBytes < MEMORY_LIMIT_BYTES, `${Math.round(peakBytes / 1e6)} MB`);
    return `at most ${Math.round(peakBytes / 1e6)} MB resident, in ${samples} samples`;
  });
  await app.close();

  await t.test('columns that find no room in memory are kept on disk where that is wanted', async () => {
    const onDisk = await App.ready(browser, `${site.origin}/?cache_mb=16&cache_disk_mb=1024`);
    const cached = () => onDisk.page.evaluate(() => window.millrace.cached());
    await onDisk.addFiles([events], 'events');
    const sql = QUERIES['time buckets'];
    const first = await onDisk.query(sql.millrace);
    let cache = await cached();
    // What a query has brought is still being written when it ends; what a busy disk refused is read once more.
    for (let tries = 1; tries < 100 && cache.columns.some(({ fraction }) => fraction < 1); tries += 1) {
      await sleep(100);
      if (tries % 30 === 0) await onDisk.query(sql.millrace);
      cache = await cached();
    }
    assert.deepEqual(cache.columns.map(({ column, fraction }) => [column, fraction]),
      [['ts', 1], ['region', 1], ['price', 1]]);
    assert.equal(cache.disk.failure, null);
    assert.ok(cache.bytes <= 16e6 && cache.disk.bytes > 16e6 && cache.disk.bytes <= cache.disk.limitBytes);
    const again = await onDisk.query(sql.millrace);
    assert.equal(again.stats.bytesRead, 0);
    assert.equal(difference(again.rows, await duckdb.rows(sql.duckdb)), null);
    const toggle = onDisk.page.locator('[data-part=keep-on-disk] input');
    assert.ok(await toggle.isChecked());
    await toggle.click();
    await onDisk.page.waitForFunction(() => window.millrace.cached().then(({ disk }) => disk.bytes === 0));
    assert.ok((await onDisk.query(sql.millrace)).stats.bytesRead > 0);
    await onDisk.close();
    const share = again.stats.elapsedMillis / first.stats.elapsedMillis;
    return `${again.stats.elapsedMillis.toFixed(0)} ms, ${share.toFixed(2)} of the first; ${cache.disk.bytes / 1e6 | 0} MB on disk`;
  });
}
