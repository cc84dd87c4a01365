// Files that are not what a CSV file should be, SQL with mistakes, and queries that need too much.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';

const WIDE_COLUMNS = 10_000;
const LONG_FIELD_BYTES = 50_000_000;

export default async function badInput(t, { browser, site }) {
  const app = await App.ready(browser, site.origin);
  const rows = async (sql) => (await app.query(sql)).rows;

  await t.test('an empty file is refused and told to be empty', async () => {
    for (const content of ['', '\n\n\r\n']) {
      const error = await app.addText('empty.csv', [content], 'empty').then(() => null, (error) => error.millrace);
      assert.equal(error?.kind, 'file');
      assert.match(error.message, content === '' ? /empty/ : /blank/);
      assert.ok(error.hint);
    }
    assert.deepEqual(await app.page.evaluate(() => window.millrace.tables()), []);
  });

  await t.test('a header alone is a table with columns and without rows', async () => {
    const [table] = await app.addText('header.csv', ['a,b\n'], 'header_only');
    assert.deepEqual(table.columns.map(({ name }) => name), ['a', 'b']);
    const result = await app.query('SELECT a, b FROM header_only');
    assert.deepEqual([result.rows, result.columns.length], [[], 2]);
  });

  await t.test('ragged rows are kept as far as they go, and counted', async () => {
    await app.addText('ragged.csv', ['a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n'], 'ragged');
    const result = await app.query('SELECT a, b, c FROM ragged ORDER BY a');
    assert.deepEqual(result.rows, [[1n, 2n, 3n], [4n, 5n, null], [6n, 7n, 8n], [10n, 11n, 12n]]);
    assert.equal(result.stats.badRows, 2);
    assert.equal(result.stats.rowsRead, 4);
  });

  await t.test('an unclosed quote ends with the file and is told', async () => {
    const [table] = await app.addText('open.csv', ['a,b\n1,x\n2,"never closed\n3,y\n'], 'open_quote');
    const result = await app.query('SELECT a, b FROM open_quote ORDER BY a');
    assert.equal(result.rows.length, 2);
    assert.deepEqual(result.rows[0], [1n, 'x']);
    assert.ok(result.rows[1][1].startsWith('never closed\n3,y'), JSON.stringify(result.rows[1][1]));
    const told = table.warnings.filter((warning) => /quote/i.test(warning)).length + result.stats.badRows;
    assert.ok(told > 0, 'neither a warning nor a bad row');
  });

  await t.test('NUL bytes are bytes like others', async () => {
    await app.addText('nul.csv', ['a,b\n1,x\0y\n2,\0\n'], 'nul');
    const result = await app.query('SELECT a, b, octet_length(b)::BIGINT FROM nul ORDER BY a');
    assert.deepEqual(result.rows, [[1n, 'x\0y', 3n], [2n, '\0', 1n]]);
  });

  await t.test('a field of 50 MB is read', async () => {
    const long = { text: 'x'.repeat(1_000), times: LONG_FIELD_BYTES / 1_000 };
    await app.addText('long.csv', ['id,body,z\n0,a,b\n1,"', long, '",y\n2,short,c\n'], 'long_field');
    const result = await app.query('SELECT id, length(body)::BIGINT, z FROM long_field ORDER BY id');
    assert.deepEqual(result.rows, [[0n, 1n, 'b'], [1n, BigInt(LONG_FIELD_BYTES), 'y'], [2n, 5n, 'c']]);
  });

  await t.test('10,000 columns are read', async () => {
    const line = (cell) => `${Array.from({ length: WIDE_COLUMNS }, (_, column) => cell(column)).join(',')}\n`;
    const lines = Array.from({ length: 20 }, (_, row) => line((column) => row * column));
    const [table] = await app.addText('wide.csv', [line((column) => `c${column}`), ...lines], 'wide');
    assert.equal(table.columns.length, WIDE_COLUMNS);
    assert.deepEqual(await rows('SELECT sum(c9999), max(c0), count(*) FROM wide'), [[9999n * 190n, 0n, 20n]]);
    const [first] = await rows('SELECT * FROM wide WHERE c1 = 3');
    assert.equal(first.length, WIDE_COLUMNS);
    assert.equal(first[WIDE_COLUMNS - 1], 3n * 9999n);
  });

  await t.test('duplicate and empty column names become names of their own', async () => {
    const [table] = await app.addText('names.csv', ['a,a,,b,A\n1,2,3,4,5\n'], 'names');
    const names = table.columns.map(({ name }) => name);
    assert.deepEqual([names[0], names[3]], ['a', 'b']);
    assert.equal(new Set(names).size, 5);
    assert.ok(names.every((name) => name.trim() !== ''), `${names}`);
    assert.ok(table.warnings.length > 0);
    assert.deepEqual(await rows('SELECT * FROM names'), [[1n, 2n, 3n, 4n, 5n]]);
    const list = names.map((name) => `"${name}"`).join(', ');
    assert.deepEqual(await rows(`SELECT ${list} FROM names`), [[1n, 2n, 3n, 4n, 5n]]);
  });

  for (const [name, end] of [['CRLF', '\r\n'], ['lone CR', '\r']]) {
    await t.test(`${name} ends lines`, async () => {
      const table = `lines_${end.length}`;
      await app.addText('lines.csv', [['a,b', '1,x', '2,"y, z"', '3,w'].join(end) + end], table);
      const result = await app.query(`SELECT a, b FROM ${table} ORDER BY a`);
      assert.deepEqual(result.columns.map((column) => column.name), ['a', 'b']);
      assert.deepEqual(result.rows, [[1n, 'x'], [2n, 'y, z'], [3n, 'w']]);
      assert.equal(result.stats.badRows, 0);
    });
  }

  await t.test('a byte order mark is no part of the first name', async () => {
    const [table] = await app.addText('mark.csv', ['\ufeffa,b\n1,2\n'], 'mark');
    assert.deepEqual(table.columns.map(({ name }) => name), ['a', 'b']);
    assert.deepEqual(await rows('SELECT a + b FROM mark'), [[3n]]);
  });

  await t.test('JSON lines and plain text are read, and lines that are no objects counted', async () => {
    const lines = '{"id": 1, "user": {"name": "ann"}}\nno json\n{"id": 2}\n';
    const [json] = await app.addText('people.ndjson', [lines], 'people');
    assert.deepEqual([json.format, json.columns.map(({ type }) => type)], ['ndjson', ['BIGINT', 'STRUCT(name VARCHAR)']]);
    const result = await app.query(`SELECT id, "user"['name'] FROM people ORDER BY id`);
    assert.deepEqual(result.rows, [[1n, 'ann'], [2n, null], [null, null]]);
    assert.equal(result.stats.badRows, 1);
    const [text] = await app.addText('app.log', ['first, line\n\nthird\n'], 'app');
    assert.equal(text.format, 'text');
    assert.deepEqual(await rows('SELECT line, byte_offset FROM app ORDER BY byte_offset'), [['first, line', 0n], ['', 12n], ['third', 13n]]);
  });

  await t.test('a mistyped column is marked and the right one suggested', async () => {
    await app.addText('prices.csv', ['price,item\n1.5,x\n'], 'prices');
    const error = await app.failure('SELECT item,\n  prise FROM prices');
    assert.equal(error.kind, 'sql');
    assert.match(error.message, /prise/);
    assert.match(error.hint, /`price`/);
    assert.deepEqual(error.position, { line: 2, column: 3, endLine: 2, endColumn: 8 });
  });

  await t.test('a mistyped table and a sentence that is no SQL are errors of the query', async () => {
    const table = await app.failure('SELECT * FROM pricess');
    assert.equal(table.kind, 'sql');
    assert.match(`${table.message} ${table.hint}`, /prices\b/);
    const text = await app.failure('SELEC 1');
    assert.equal(text.kind, 'sql');
    assert.equal(text.position?.line, 1);
  });

  await t.test('a division by zero is an error of the data', async () => {
    const error = await app.failure('SELECT count(*) / (count(*) - count(*)) FROM prices');
    assert.equal(error.kind, 'data');
  });
  assert.deepEqual((await rows('SELECT count(*) FROM prices')), [[1n]]);
  await app.close();

  await t.test('a query over the memory budget ends with an error, and the engine lives on', async () => {
    const small = await App.ready(browser, `${site.origin}/?memory_mb=50`);
    await small.addFiles([eventsFile(200e6)], 'events');
    const error = await small.failure('SELECT user_id, ts, max(comment) FROM events GROUP BY user_id, ts ORDER BY 3 DESC');
    assert.equal(error.kind, 'memory');
    assert.ok(error.hint);
    const { rows } = await small.query('SELECT count(DISTINCT region) FROM events');
    assert.deepEqual(rows, [[5n]]);
    await small.close();
  });
}
