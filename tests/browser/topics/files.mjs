// What a person sees of files while they become tables: folders that keep their paths, patterns tried while they are
// typed, columns of fixed width, and how far a large file is.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { App } from '../app.mjs';
import { dataFolder, writeFile } from '../data.mjs';
import { sql, write } from '../work.mjs';

/** Drops files or folders from disk on the page, as a person does. */
async function drop(app, paths) {
  const session = await app.context.newCDPSession(app.page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) {
    await session.send('Input.dispatchDragEvent', { type, x: 500, y: 400, data });
  }
  await session.detach();
}

/** A folder with files in it, by their paths. */
function folder(name, files) {
  const root = join(dataFolder, name);
  rmSync(root, { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** Zigzag and base-128, as Avro writes whole numbers. */
function avroLong(value) {
  const bytes = [];
  for (let rest = value * 2; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    if (rest < 128) return Buffer.from(bytes);
  }
}

/** An Avro file of one block again and again: a format that is read whole when it is added. */
function avroFile(blocks) {
  const text = (text) => Buffer.concat([avroLong(Buffer.byteLength(text)), Buffer.from(text)]);
  const schema = JSON.stringify({
    type: 'record', name: 'row', fields: [{ name: 'id', type: 'long' }, { name: 'note', type: 'string' }],
  });
  const sync = Buffer.alloc(16, 7);
  const header = Buffer.concat([Buffer.from('Obj\x01'), avroLong(1), text('avro.schema'), text(schema), avroLong(0), sync]);
  const rows = Array.from({ length: 5_000 }, (_, id) => Buffer.concat([avroLong(id), text(`a note about the row ${id % 97}`)]));
  const body = Buffer.concat(rows);
  const block = Buffer.concat([avroLong(rows.length), avroLong(body.length), body, sync]);
  return Buffer.concat([header, ...Array.from({ length: blocks }, () => block)]);
}

export default async function files(t, { browser, site }) {
  const app = await App.ready(browser, `${site.origin}/?cache_mb=0`);
  const { page } = app;
  const rows = async (sql) => (await app.query(sql)).rows;
  const columnsOf = (table) => page.evaluate((table) => {
    const found = window.millrace.tables().find((info) => info.table === table);
    return found?.columns.map(({ name }) => name);
  }, table);
  const appears = (table) => page.waitForFunction(
    (table) => window.millrace.tables().some((info) => info.table === table), table, { timeout: 30_000 });

  await t.test('a dropped folder is one table, and its folders are columns', async () => {
    const body = (first) => `id,text\n${Array.from({ length: 50 }, (_, id) => `${first + id},t${id}\n`).join('')}`;
    await drop(app, [folder('hive', {
      'year=2024/month=1/part-0.csv': body(0),
      'year=2024/month=2/other.csv': body(100),
      'year=2025/month=1/part-0.csv': body(200),
      'year=2025/month=1/_SUCCESS': '',
      '.hidden.csv': 'x\n1\n',
    })]);
    await appears('hive');
    assert.deepEqual(await columnsOf('hive'), ['id', 'text', 'year', 'month', 'filename']);
    const sums = await rows('SELECT year, month, count(*), min(id) FROM hive GROUP BY 1, 2 ORDER BY 1, 2');
    assert.deepEqual(sums, [[2024n, 1n, 50n, 0n], [2024n, 2n, 50n, 100n], [2025n, 1n, 50n, 200n]]);
    assert.deepEqual(await rows("SELECT DISTINCT filename FROM hive WHERE year = 2025"), [['hive/year=2025/month=1/part-0.csv']]);
    // Of a table of several files only those that can matter are read.
    const { stats } = await app.query('SELECT count(*) FROM hive WHERE year = 2025');
    assert.ok(stats.bytesRead <= body(200).length, `${stats.bytesRead} bytes`);
  });

  await t.test('files of a folder that are told apart by numbers are one table, others are their own', async () => {
    await drop(app, [folder('mixed', {
      'log_01.csv': 'a,b\n1,x\n', 'log_02.csv': 'a,b\n2,y\n', 'deep/log_03.csv': 'a,b,c\n3,z,9\n', 'people.csv': 'name\nAnn\nBob\n',
    })]);
    await appears('mixed');
    await appears('people');
    assert.deepEqual(await rows('SELECT a, b, c, filename FROM mixed ORDER BY a'), [
      [1n, 'x', null, 'mixed/log_01.csv'], [2n, 'y', null, 'mixed/log_02.csv'], [3n, 'z', 9n, 'mixed/deep/log_03.csv'],
    ]);
    assert.deepEqual(await rows('SELECT count(*) FROM people'), [[2n]]);
  });

  await t.test('a pattern is tried while it is typed', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => (i % 10 === 7 ? `! ${i}` : `host-${i} took ${i * 3} ms`));
    const [{ table }] = await app.addFiles([writeFile('odd.txt', `${lines.join('\n')}\n`)]);
    await page.getByRole('button', { name: `Show first rows of ${table}` }).click();
    await page.locator('dialog[open]').getByText('How it is read').click();
    const input = page.getByLabel('Pattern of lines');
    const outcome = page.locator('dialog[open] [data-part=pattern-outcome]');
    // Mistakes are told with their place.
    await input.fill('(?<host>\\S+ took');
    await outcome.locator('[data-part=pattern-error]').getByText(/^Character 1: /).waitFor();
    assert.equal(await outcome.locator('mark').innerText(), '(');
    await input.fill('%{NOTSPACE:host} took %{INTT:millis}');
    await outcome.getByText('Did you mean %{INT}?').waitFor();
    assert.equal(await outcome.locator('mark').innerText(), '%{INTT:millis}');
    // Lines that fit have their fields marked, the others are counted and shown.
    await input.fill('%{NOTSPACE:host} took %{INT:millis}');
    await outcome.locator('[data-part=pattern-count]').getByText('54 of the first 60 lines fit, 6 do not.').waitFor();
    const first = outcome.locator('tr').first();
    assert.deepEqual(await first.locator('mark').allInnerTexts(), ['host-0', '0']);
    assert.equal(await outcome.locator('tr[data-fits=false]').count(), 6);
    assert.match(await outcome.locator('tr[data-fits=false]').first().innerText(), /8\s*✗\s*! 7/);
    // The table is as it was until the pattern is done.
    assert.deepEqual(await columnsOf(table), ['line', 'byte_offset']);
    await input.press('Enter');
    await page.waitForFunction((table) => window.millrace.tables().find((info) => info.table === table).columns.length === 3, table);
    await page.keyboard.press('Escape');
    assert.deepEqual(await rows(`SELECT sum(millis), count(unparsed) FROM ${table}`), [[4734n, 6n]]);
  });

  await t.test('columns of fixed width can be moved', async () => {
    const [{ table }] = await app.addFiles([writeFile('stock.txt', 'item    size   n\nnut     12mm   7\nbolt     8mm  19\nwasher   9mm   3\n')]);
    assert.deepEqual(await columnsOf(table), ['item', 'size', 'n', 'unparsed']);
    await page.getByRole('button', { name: `Show first rows of ${table}` }).click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByText('How it is read').click();
    const starts = dialog.getByLabel('Columns begin at character');
    const found = await starts.getAttribute('placeholder');
    assert.match(found, /^1, \d+, \d+$/);
    await starts.fill('1, 9, 11, 14');
    await starts.press('Enter');
    await page.waitForFunction((table) => window.millrace.tables().find((info) => info.table === table).columns.length === 5, table);
    assert.deepEqual(await dialog.locator('tbody tr').nth(0).locator('td').allInnerTexts(), ['nut', '12', 'mm', '7', 'null']);
    await starts.fill('one, two');
    await starts.press('Enter');
    await dialog.getByText('These are no beginnings of columns.').waitFor();
    await page.keyboard.press('Escape');
  });

  await t.test('a table gets another name, which its queries take over, and goes back', async () => {
    const [{ table }] = await app.addFiles([writeFile('old name.csv', 'a,b\n1,x\n2,y\n')]);
    await write(page, `SELECT sum(a) AS s FROM ${table}`);
    await page.getByRole('button', { name: `Show first rows of ${table}` }).click();
    await page.getByLabel('Name in queries').fill('fresh');
    await page.getByLabel('Name in queries').press('Enter');
    await appears('fresh');
    assert.equal((await sql(page)).trim(), 'SELECT sum(a) AS s FROM fresh');
    assert.deepEqual(await rows('SELECT sum(a) FROM fresh'), [[3n]]);
    assert.equal(await columnsOf(table), undefined);
    await page.locator('[data-command-button=undo]').click();
    await appears(table);
    assert.equal((await sql(page)).trim(), `SELECT sum(a) AS s FROM ${table}`);
  });

  await t.test('a table is replaced by a newer version of its file; what was said about it stays', async () => {
    const [{ table }] = await app.addFiles([writeFile('versions.csv', 'a;b\n1;x\n')]);
    await page.getByRole('button', { name: `Show first rows of ${table}` }).click();
    await page.getByLabel('Type of a').selectOption('VARCHAR');
    await page.waitForFunction((table) => window.millrace.tables().find((info) => info.table === table)
      .columns[0].type === 'VARCHAR', table);
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Replace by other files…' }).click();
    await (await chooser).setFiles(writeFile('newer.csv', 'a;b\n07;x\n08;y\n'));
    await page.locator('dialog[open] td', { hasText: /^08$/ }).waitFor();
    await page.keyboard.press('Escape');
    assert.deepEqual(await rows(`SELECT a, b FROM ${table} ORDER BY a`), [['07', 'x'], ['08', 'y']]);
  });

  await t.test('a large file that is read whole tells how far it is', async () => {
    const path = writeFile('large.avro', avroFile(700));
    await page.locator('[data-part=file-input]').first().setInputFiles(path);
    const adding = page.locator('[data-part=adding]');
    const told = await adding.getByText(/read · \d+ of \d+ threads at work/).first().innerText();
    await adding.waitFor({ state: 'detached', timeout: 60_000 });
    assert.deepEqual(await rows('SELECT count(*), max(id) FROM large'), [[3_500_000n, 4_999n]]);
    return told;
  });

  assert.deepEqual(app.errors, []);
  await app.close();
}
