// Queries whose state is larger than the memory they may take: it goes to the browser's private files.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';

const BUDGET_MEGABYTES = 64;
const QUERIES = {
  'many groups': (table) => `SELECT count(*) AS groups, sum(n) AS n, max(high) AS high FROM (
    SELECT user_id, ts, count(*) AS n, max(price) AS high FROM ${table} GROUP BY user_id, ts)`,
  'a join': (table) => `SELECT count(*) AS n, max(a.price - b.price) AS most FROM ${table} AS a
    JOIN ${table} AS b ON a.user_id = b.user_id AND a.ts = b.ts`,
  'a sort': (table) => `SELECT ts, user_id, comment FROM ${table} ORDER BY comment, ts, user_id LIMIT 5 OFFSET 900000`,
};

export default async function spill(t, { browser, site }) {
  const opened = async (options) => {
    const app = await App.ready(browser, `${site.origin}/${options}`);
    const [{ table }] = await app.addFiles([eventsFile(200e6)]);
    return { app, table };
  };
  const files = ({ page }) => page.evaluate(async () => {
    const names = [];
    const walk = async (folder) => {
      for await (const [name, handle] of folder) {
        if (handle.kind === 'directory') await walk(handle);
        else names.push([name, (await handle.getFile().catch(() => ({ size: 0 }))).size]);
      }
    };
    await walk(await navigator.storage.getDirectory());
    return names;
  });
  const ample = await opened('?cache_mb=0');
  const scarce = await opened(`?cache_mb=0&memory_mb=${BUDGET_MEGABYTES}`);

  for (const [name, sqlOf] of Object.entries(QUERIES)) {
    await t.test(`${name}: the rows are those that ample memory gives`, async () => {
      const expected = await ample.app.query(sqlOf(ample.table));
      assert.equal(expected.stats.spilledBytes, 0);
      const { rows, stats } = await scarce.app.query(sqlOf(scarce.table));
      assert.deepEqual(rows, expected.rows);
      assert.ok(stats.spilledBytes > 1e6, `${stats.spilledBytes} bytes put aside`);
      const seconds = (millis) => `${(millis / 1e3).toFixed(1)} s`;
      return `${(stats.spilledBytes / 1e6).toFixed(0)} MB put aside, ${seconds(stats.elapsedMillis)} instead of `
        + seconds(expected.stats.elapsedMillis);
    });
  }

  await t.test('a query that is cancelled leaves nothing behind, and the next one is right', async () => {
    const { app, table } = scarce;
    await app.page.evaluate(async (sql) => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 1_500);
      await window.millrace.query(sql, { signal: stop.signal }).catch(() => {});
    }, QUERIES['many groups'](table));
    const { rows } = await app.query(`SELECT count(*) FROM ${table}`);
    assert.ok(rows[0][0] > 1_000_000n);
  });

  await t.test('the private files are empty once no query needs them', async () => {
    await scarce.app.page.waitForTimeout(500);
    const found = await files(scarce.app);
    assert.equal(found.reduce((sum, [, bytes]) => sum + bytes, 0), 0, JSON.stringify(found));
  });

  await t.test('nothing of all this was an error of the page', () => {
    assert.deepEqual([...ample.app.errors, ...scarce.app.errors], []);
  });
  await ample.app.close();
  await scarce.app.close();
}
