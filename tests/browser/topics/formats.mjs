// Files as people have them: compressed, columnar, logs, documents, other encodings; and what can be said about them.
import assert from 'node:assert/strict';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';

import { App } from '../app.mjs';
import { eventsFile, writeFile } from '../data.mjs';

/** 60 rows in three row groups, compressed with Zstandard: id, kind, at, tags; written by pyarrow. */
const PARQUET = `
UEFSMRUEFZADFZIBTBUyFQASAAAotS/9IMgFAgCEAwAAAQACAAMABAAFAAYABwAIAAkACgALAAwADQAOAA8AEAARABIAEwAUABUAFgAXABgAAA
AAAAAAGFQCAAMBFQAVOBVKLBUyFRAVBhUGHBgIGAAAAAAAAAAYCAAAAAAAAAAAFgAoCBgAAAAAAAAAGAgAAAAAAAAAABERAAAAKLUv/SAc4QAA
AgAAADIBBQkgiEGKOSipxZp7MMpJq70YAAAAABUEFTAVQkwVBhUAEgAAKLUv/SAYwQAAAwAAAHJlZAUAAABncmVlbgQAAABibHVlFQAVIBUyLB
UyFRAVBhUGHAAAACi1L/0gEIEAAAIAAAAyAQIJJEmSJEmSAAAVBBWQAxWCAkwVMhUAEgAAKLUv/SDIxQMAVAUAQCBGSEcGAADHs0lOR03V2lBc
blTjAVhqlVvxKF94vGL/T2aG42kNd22UCnEbnnSiMXgpxXuwWH837IK+f4ZFE4rMpo1TOpHazZRhYZjo9JtIRwYAFwQCYIABBhhggAEGGGCAAQ
YYYIABBhhggAEGGGCAsZIEFQAVOBVKLBUyFRAVBhUGHAAAACi1L/0gHOEAAAIAAAAyAQUJIIhBijkoqcWaezDKSau9GAAAAAAVBBUUFSZMFQQV
ABIAACi1L/0gClEAAAEAAAAwAQAAADEVABUkFTYsFTIVEBUGFQYcAAAAKLUv/SASkQAAAgAAADIAAgAAADIDAQmqqqoAFQQVkAMVkgFMFTIVAB
IAACi1L/0gyAUCAIQDGQAaABsAHAAdAB4AHwAgACEAIgAjACQAJQAmACcAKAApACoAKwAsAC0ALgAvADAAMQAAAAAAAAAYVAIAAwEVABU4FUos
FTIVEBUGFQYcGAgxAAAAAAAAABgIGQAAAAAAAAAWACgIMQAAAAAAAAAYCBkAAAAAAAAAEREAAAAotS/9IBzhAAACAAAAMgEFCSCIQYo5KKnFmn
swykmrvRgAAAAAFQQVMBVCTBUGFQASAAAotS/9IBjBAAADAAAAcmVkBQAAAGdyZWVuBAAAAGJsdWUVABUgFTIsFTIVEBUGFQYcAAAAKLUv/SAQ
gQAAAgAAADIBAglJkiRJkiQBABUEFZADFYICTBUyFQASAAAotS/9IMjFAwBUBQBviJ9IRwYAAPYbo32vpgRDqovWrRJqsZn9tCCRuKckvC64v7
VLwzzfxsNyykoGztGZ0Vgt1d/A2GZU3O3n33R74/sO54Ki6gk27pDJ8Rdd9UhHBgAXBAJggAEGGGCAAQYYYIABBhhggAEGGGCAAQYYYICxkgQV
ABU4FUosFTIVEBUGFQYcAAAAKLUv/SAc4QAAAgAAADIBBQkgiEGKOSipxZp7MMpJq70YAAAAABUEFRQVJkwVBBUAEgAAKLUv/SAKUQAAAQAAAD
EBAAAAMBUAFSQVNiwVMhUQFQYVBhwAAAAotS/9IBKRAAACAAAAMgACAAAAMgMBCaqqqgAVBBWgARVUTBUUFQASAAAotS/9IFANAQDQMgAzADQA
NQA2ADcAOAA5ADoAOwAAAAAAAAAJVAIAAwEVABUgFTIsFRQVEBUGFQYcGAg7AAAAAAAAABgIMgAAAAAAAAAWACgIOwAAAAAAAAAYCDIAAAAAAA
AAEREAAAAotS/9IBCBAAACAAAAFAEEBRAyVHaYAAAAFQQVMBVCTBUGFQASAAAotS/9IBjBAAADAAAAcmVkBQAAAGdyZWVuBAAAAGJsdWUVABUY
FSosFRQVEBUGFQYcAAAAKLUv/SAMYQAAAgAAABQBAgWSJAkAFQQVoAEVjAFMFRQVABIAACi1L/0gUO0BAJQCAJ7w+EhHBgAAJYT8rBcASTOrA7
o+B0HSCshlDk/5EdaMFV0gGUlHBgAIAEAGuAHaADLADdADLDKhJAEVABUgFTIsFRQVEBUGFQYcAAAAKLUv/SAQgQAAAgAAABQBBAUQMlR2mAAA
ABUEFRQVJkwVBBUAEgAAKLUv/SAKUQAAAQAAADABAAAAMRUAFSAVMiwVFBUQFQYVBhwAAAAotS/9IBCBAAACAAAAFAACAAAAFAMBBaoCFQQZfD
UAGAZzY2hlbWEVCAAVBCUCGAJpZAAVDCUCGARraW5kJQBMHAAAABUEJQIYAmF0JRRMjBIcLAAAAAAANQIYBHRhZ3MVAhUGTDwAAAA1BBgEbGlz
dBUCABUMJQIYB2VsZW1lbnQlAEwcAAAAFngZPBlMJgAcFQQZNQAGEBkYAmlkFQwWMhbmBBb6Aia6ASYIHBgIGAAAAAAAAAAYCAAAAAAAAAAAFg
AoCBgAAAAAAAAAGAgAAAAAAAAAABERABksFQQVABUCABUAFRAVAgA8KQYZJgAyAAAAJgAcFQwZNQAGEBkYBGtpbmQVDBYyFpIBFrYBJuADJoID
KSwVBBUAFQIAFQAVEBUCADwWxgEZBhkmADIAAAAmABwVBBk1AAYQGRgCYXQVDBYyFo4EFpIDJtoGJrgEKSwVBBUAFQIAFQAVEBUCADwpBhkmAD
IAAAAmABwVDBk1AAYQGTgEdGFncwRsaXN0B2VsZW1lbnQVDBYyFnoWngEmjAgmygcpLBUEFQAVAgAVABUQFQIAPBYyGSYyABlGAAAAMgAAABaA
CxYyJggW4AgAGUwmABwVBBk1AAYQGRgCaWQVDBYyFuYEFvoCJpoKJugIHBgIMQAAAAAAAAAYCBkAAAAAAAAAFgAoCDEAAAAAAAAAGAgZAAAAAA
AAABERABksFQQVABUCABUAFRAVAgA8KQYZJgAyAAAAJgAcFQwZNQAGEBkYBGtpbmQVDBYyFpIBFrYBJsAMJuILKSwVBBUAFQIAFQAVEBUCADwW
ygEZBhkmADIAAAAmABwVBBk1AAYQGRgCYXQVDBYyFo4EFpIDJroPJpgNKSwVBBUAFQIAFQAVEBUCADwpBhkmADIAAAAmABwVDBk1AAYQGTgEdG
FncwRsaXN0B2VsZW1lbnQVDBYyFnoWngEm7BAmqhApLBUEFQAVAgAVABUQFQIAPBYyGSYyABlGAAAAMgAAABaACxYyJugIFuAIABlMJgAcFQQZ
NQAGEBkYAmlkFQwWFBbcAhaiAia6EibIERwYCDsAAAAAAAAAGAgyAAAAAAAAABYAKAg7AAAAAAAAABgIMgAAAAAAAAAREQAZLBUEFQAVAgAVAB
UQFQIAPCkGGSYAFAAAACYAHBUMGTUABhAZGARraW5kFQwWFBaKARauASbIFCbqEyksFQQVABUCABUAFRAVAgA8FlAZBhkmABQAAAAmABwVBBk1
AAYQGRgCYXQVDBYUFoYCFoQCJsQWJpgVKSwVBBUAFQIAFQAVEBUCADwpBhkmABQAAAAmABwVDBk1AAYQGTgEdGFncwRsaXN0B2VsZW1lbnQVDB
YUFnYWmgEm3hcmnBcpLBUEFQAVAgAVABUQFQIAPBYUGSYUABlGAAAAFAAAABbiBhYUJsgRFu4GABkcGAxBUlJPVzpzY2hlbWEY4AMvLy8vLzJB
QkFBQVFBQUFBQUFBS0FBd0FCZ0FGQUFnQUNnQUFBQUFCQkFBRUFBQUFLUC8vL3dRQUFBQUVBQUFBQUFFQUFLQUFBQUJjQUFBQUJBQUFBQ0QvLy
84QUFBRU1GQUFBQUJ3QUFBQUVBQUFBQVFBQUFCUUFBQUFFQUFBQWRHRm5jd0FBQUFCUS8vLy9UUC8vL3dBQUFRVVFBQUFBR0FBQUFBUUFBQUFB
QUFBQUJBQUFBR2wwWlcwQUFBQUFlUC8vLzNULy8vOEFBQUVLRUFBQUFCd0FBQUFFQUFBQUFBQUFBQUlBQUFCaGRBQUFBQUFHQUFnQUJnQUdBQU
FBQUFBQ0FCQUFHQUFJQUFZQUJ3QU1BQkFBRkFBUUFBQUFBQUFCQlJRQUFBQThBQUFBSUFBQUFBUUFBQUFBQUFBQUJBQUFBR3RwYm1RQUFBQUFD
QUFJQUFBQUJBQUlBQUFBQkFBQUFMei8vLzhBQUFBQklBQUFBQVFBQkFBRUFBQUFFQUFVQUFnQUJnQUhBQXdBQUFBUUFCQUFBQUFBQUFFQ0VBQU
FBQndBQUFBRUFBQUFBQUFBQUFJQUFBQnBaQUFBQ0FBTUFBZ0FCd0FJQUFBQUFBQUFBVUFBQUFBQUFBQUEAGCBwYXJxdWV0LWNwcC1hcnJvdyB2
ZXJzaW9uIDI2LjAuMRlMHAAAHAAAHAAAHAAAAEAGAABQQVIx
`;

const GROUP = (table) => `SELECT category, count(*) AS n, sum(quantity) AS q, max(price) AS high FROM ${table}
  GROUP BY category ORDER BY category`;

/** The first 200 MB of the events, as they are and with gzip. */
async function gzipped() {
  const plain = eventsFile(200_000_000);
  const packed = `${plain}.gz`;
  if (!existsSync(packed)) await pipeline(createReadStream(plain), createGzip({ level: 1 }), createWriteStream(packed));
  return { plain, packed };
}

export default async function formats(t, { browser, site }) {
  const app = await App.ready(browser, `${site.origin}/?cache_mb=0`);
  const { page } = app;
  const rows = async (sql) => (await app.query(sql)).rows;

  await t.test('a compressed file gives the rows of the plain one, while it is unpacked', async () => {
    const { plain, packed } = await gzipped();
    await app.addFiles([plain], 'plain');
    await app.addFiles([packed], 'packed');
    const expected = await app.query(GROUP('plain'));
    for (const pass of ['first', 'again']) {
      const found = await app.query(GROUP('packed'));
      assert.deepEqual(found.rows, expected.rows, pass);
      assert.ok(found.fractions.length > 2, `${pass}: ${found.fractions.length} snapshots`);
    }
    const info = await page.evaluate(() => window.millrace.tables().find(({ table }) => table === 'packed'));
    assert.equal(info.format, 'csv');
  });

  await t.test('a damaged compressed file says so', async () => {
    const bytes = gzipSync('a,b\n' + '1,2\n'.repeat(200_000));
    bytes[bytes.length - 6] ^= 0xff;
    const added = app.addFiles([writeFile('damaged.csv.gz', bytes)]);
    const error = await added.then(() => null, (error) => error.millrace);
    assert.equal(error?.kind, 'file');
    assert.match(error.message, /damaged\.csv\.gz.*damaged/);
  });

  await t.test('Parquet is read by columns', async () => {
    const bytes = Buffer.from(PARQUET.replace(/\s/g, ''), 'base64');
    const [{ table, format, columns }] = await app.addFiles([writeFile('tiny.parquet', bytes)]);
    assert.equal(format, 'parquet');
    assert.deepEqual(columns.map(({ name }) => name), ['id', 'kind', 'at', 'tags']);
    const sums = await rows(`SELECT kind, count(*), sum(id), min(at) FROM ${table} GROUP BY kind ORDER BY kind`);
    assert.deepEqual(sums.map((row) => row.slice(0, 3)), [['blue', 20n, 610n], ['green', 20n, 590n], ['red', 20n, 570n]]);
    assert.equal(sums[2][3], '2026-01-01T00:00:00.000Z');
    const { stats } = await app.query(`SELECT sum(id) FROM ${table} WHERE id >= 50`);
    assert.ok(stats.bytesRead > 0 && stats.bytesRead < bytes.length / 2, `${stats.bytesRead} of ${bytes.length} bytes`);
  });

  await t.test('logs have columns', async () => {
    const line = (i) => `10.0.0.${i % 5} - - [05/Jan/2026:10:${String(i % 60).padStart(2, '0')}:00 +0100] `
      + `"GET /page/${i % 7} HTTP/1.1" ${i % 10 === 0 ? 404 : 200} ${1000 + i} "-" "curl/8.0"\n`;
    const text = Array.from({ length: 500 }, (_, i) => line(i)).join('');
    const [{ table, columns }] = await app.addFiles([writeFile('access.log', text)]);
    assert.ok(['status', 'path'].every((name) => columns.some((column) => column.name === name)), JSON.stringify(columns));
    assert.deepEqual(await rows(`SELECT status, count(*) FROM ${table} GROUP BY status ORDER BY status`), [[200n, 450n], [404n, 50n]]);
  });

  await t.test('a JSON document is a table', async () => {
    const document = { meta: { made: 'today' }, items: Array.from({ length: 300 }, (_, id) => ({ id, at: { x: id / 2 } })) };
    const [{ table }] = await app.addFiles([writeFile('document.json', JSON.stringify(document, null, 2))]);
    assert.deepEqual(await rows(`SELECT count(*), sum(id) FROM ${table}`), [[300n, 44850n]]);
  });

  await t.test('text in UTF-16 is read, and said to be', async () => {
    const text = Buffer.from('\ufeffname,n\nZürich,1\n東京,2\n', 'utf16le');
    const [{ table }] = await app.addFiles([writeFile('cities.csv', text)]);
    assert.deepEqual(await rows(`SELECT name, n FROM ${table} ORDER BY n`), [['Zürich', 1n], ['東京', 2n]]);
    await page.getByRole('button', { name: `Show first rows of ${table}` }).click();
    await page.locator('dialog[open]').getByText(/UTF-16LE/i).first().waitFor();
    await page.keyboard.press('Escape');
  });

  await t.test('a guess can be replaced, and is seen at once', async () => {
    const [{ table }] = await app.addFiles([writeFile('guess.csv', 'x;y\n1,5;2\n2,5;3\n')]);
    await page.getByRole('button', { name: `Show first rows of ${table}` }).click();
    await page.getByText('How it is read').click();
    await page.getByLabel('Header').selectOption('no');
    await page.locator('dialog[open] td', { hasText: /^x$/ }).waitFor();
    await page.getByLabel('Header').selectOption('');
    await page.locator('dialog[open] td', { hasText: /^x$/ }).waitFor({ state: 'detached' });
    await page.getByLabel('Type of y').selectOption('VARCHAR');
    await page.waitForFunction((table) => window.millrace.tables().find((info) => info.table === table)
      .columns[1].type === 'VARCHAR', table);
    // A delimiter that makes no table leaves all as it was.
    await page.getByLabel('Delimiter').fill('ab');
    await page.getByLabel('Delimiter').press('Tab');
    await page.locator('dialog[open] [data-part=reading]').getByText(/delimiter/i).nth(1).waitFor();
    await page.keyboard.press('Escape');
    assert.deepEqual(await rows(`SELECT x, y FROM ${table} ORDER BY x`), [[1.5, '2'], [2.5, '3']]);
  });

  await t.test('values that do not fit a column can be kept by reading it as another type', async () => {
    // In a place that no sample takes in.
    const lines = Array.from({ length: 300_000 }, (_, i) => `${i},${i === 200_000 ? 'n/k' : i % 9}`);
    const [{ table }] = await app.addFiles([writeFile('misfit.csv', `id,v\n${lines.join('\n')}\n`)]);
    await page.locator('[data-part=editor] .cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(`SELECT count(v) AS n FROM ${table}`);
    await page.keyboard.press('Control+Enter');
    await page.locator('[data-part=bad-rows]').click();
    const saved = page.waitForEvent('download');
    await page.locator('[data-download=bad-rows]').click();
    const content = await (await (await saved).createReadStream()).toArray();
    assert.match(Buffer.concat(content).toString(), /^file,line,reason,text\n.*misfit\.csv,200002,.*n\/k/s);
    await page.getByRole('button', { name: 'Read v as VARCHAR' }).click();
    await page.waitForFunction(() => /300,?000/.test(document.querySelector('[data-panel=result]')?.textContent ?? ''));
    const { rows: kept, stats } = await app.query(`SELECT count(v) FROM ${table}`);
    assert.deepEqual([kept, stats.badRows], [[[300_000n]], 0]);
  });

  await t.test('files with the same columns become one table when somebody wants it', async () => {
    const files = [1, 2, 3].map((part) => writeFile(`part_${part}.csv`, `a,b\n${part},x\n${part + 10},y\n`));
    await page.locator('[data-part=file-input]').first().setInputFiles(files);
    await page.getByRole('button', { name: 'Make one table' }).click();
    await page.waitForFunction(() => {
      const names = window.millrace.tables().map(({ table }) => table);
      return names.includes('part') && !names.includes('part_1');
    });
    assert.deepEqual(await rows('SELECT count(*), sum(a), count(DISTINCT filename) FROM part'), [[6n, 42n, 3n]]);
  });

  assert.deepEqual(app.errors, []);
  await app.close();
}
