// Panics and traps: the query ends with a message, the engine works again, and the page was never reloaded.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';

const SQL = 'SELECT category, count(*), avg(price) FROM events GROUP BY category ORDER BY category';

export default async function faults(t, { browser, site }) {
  const app = await App.ready(browser, site.origin);
  await app.addFiles([eventsFile()], 'events');
  await app.addText('small.csv', ['n\n1\n2\n'], 'small');
  await app.page.evaluate(() => (window.sameDocument = true));
  const small = async () => (await app.query('SELECT sum(n) FROM small')).rows;
  assert.deepEqual(await small(), [[3n]]);

  /** Breaks the engine in the middle of a query and says how the query ended. */
  const breakWhileScanning = (kind) =>
    app.page.evaluate(async ([sql, kind]) => {
      let broken = false;
      const onSnapshot = () => {
        if (!broken) window.millrace.fault(kind);
        broken = true;
      };
      try {
        const { rows } = await window.millrace.query(sql, { onSnapshot });
        return { broken, rows: rows.length };
      } catch ({ kind, message, hint }) {
        return { broken, kind, message, hint };
      }
    }, [SQL, kind]);

  await t.test('a panic in a task leaves the engine and other queries alone', async () => {
    const outcome = await breakWhileScanning('task_panic');
    assert.deepEqual(outcome, { broken: true, rows: 100 });
    assert.deepEqual(await small(), [[3n]]);
  });

  for (const kind of ['thread_trap', 'worker_trap']) {
    await t.test(`after a ${kind.replace('_', ' ')} a new engine has the same tables`, async () => {
      const start = performance.now();
      const outcome = await breakWhileScanning(kind);
      assert.equal(outcome.broken, true);
      assert.equal(outcome.kind, 'internal', JSON.stringify(outcome));
      assert.ok(outcome.message);
      assert.deepEqual(await small(), [[3n]]);
      const millis = performance.now() - start;
      const tables = await app.page.evaluate(() => window.millrace.tables().map(({ table }) => table));
      assert.deepEqual(tables, ['events', 'small']);
      assert.equal((await app.query(SQL)).rows.length, 100);
      assert.equal(await app.page.evaluate(() => window.sameDocument), true);
      return `${(millis / 1e3).toFixed(1)} s from the query to the next answer`;
    });
  }
  await app.close();
}
