// Results as files: what each format holds, in which order, and that a large one goes to the disk as it is made.
import assert from 'node:assert/strict';
import { tableFromIPC } from 'apache-arrow';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';
import { run, saved } from '../work.mjs';

const button = (page, name) => page.locator(`[data-panel=rows] [data-download=${name}]`);

export default async function exports(t, { browser, site }) {
  const app = await App.ready(browser, site.origin);
  const { page } = app;
  await app.addText('sales.csv', ['at,kind,price\n', '2026-01-02T03:04:05Z,a,1.5\n2026-01-03T00:00:00Z,b,\n2026-01-01T00:00:00Z,c,-7\n'], 'sales');
  await run(page, 'SELECT * FROM sales ORDER BY price DESC NULLS LAST');
  const expected = [[1.5, 'a'], [-7, 'c'], [null, 'b']];

  for (const name of ['parquet', 'arrow', 'xlsx']) {
    await t.test(`a ${name} file is read again by the engine`, async () => {
      const file = await saved(page, button(page, name));
      assert.equal(file.name, `millrace-result.${name}`);
      const [{ table, columns }] = await app.addFiles([file.path], `back_${name}`);
      assert.deepEqual(columns.map(({ name }) => name), ['at', 'kind', 'price']);
      const { rows } = await app.query(`SELECT price, kind, at FROM ${table}`);
      assert.deepEqual(rows.map(([price, kind]) => [price, kind]), expected);
      assert.match(rows[0][2], /^2026-01-02T03:04:05/);
      if (name === 'arrow') {
        const read = tableFromIPC(file.bytes);
        assert.deepEqual([...read.getChild('kind')], ['a', 'c', 'b']);
      }
    });
  }

  await t.test('a large result is written to the chosen file, and can be stopped', async () => {
    await app.addFiles([eventsFile(200e6)], 'events');
    await run(page, 'SELECT user_id, price FROM events');
    await page.evaluate(async () => {
      const folder = await navigator.storage.getDirectory();
      window.showSaveFilePicker = ({ suggestedName }) => folder.getFileHandle(suggestedName, { create: true });
    });
    const idle = () => page.waitForFunction(() => !document.querySelector('[data-download=parquet]').disabled, undefined, { timeout: 60_000 });
    const size = () => page.evaluate(async () => {
      const folder = await navigator.storage.getDirectory();
      return (await (await folder.getFileHandle('millrace-result.parquet')).getFile()).size;
    });
    await button(page, 'parquet').click();
    await page.locator('[data-part=stop-saving]').click();
    await idle();
    assert.equal(await size(), 0);
    await button(page, 'parquet').click();
    await page.locator('[data-part=stop-saving]').waitFor();
    await idle();
    const bytes = await size();
    assert.ok(bytes > 1e6, `${bytes} bytes`);
    const back = await page.evaluate(async () => {
      const folder = await navigator.storage.getDirectory();
      const file = await (await folder.getFileHandle('millrace-result.parquet')).getFile();
      const [{ table }] = await window.millrace.addFiles([file], { table: 'back' });
      return (await window.millrace.query(`SELECT count(*), sum(price) FROM ${table}`)).rows;
    });
    const { rows } = await app.query('SELECT count(*), sum(price) FROM events');
    assert.equal(back[0][0], rows[0][0]);
    assert.ok(Math.abs(back[0][1] - rows[0][1]) < 1, `${back[0][1]} and ${rows[0][1]}`);
    return `${(bytes / 1e6).toFixed(1)} MB`;
  });

  await t.test('a workbook that cannot hold the rows says so', async () => {
    await button(page, 'xlsx').click();
    await page.locator('[data-part=taken-along]').getByText('a sheet of Excel has 1048575 rows').waitFor();
    assert.deepEqual(app.errors, []);
  });
  await app.close();
}
