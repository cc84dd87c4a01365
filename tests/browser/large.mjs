// One file of at least 200 MB of each format, opened in Chromium: node large.mjs [FORMAT…]
//
// Compares the aggregates with DuckDB's, samples the renderer's memory, and prints a line for each. `--bytes N` changes the
// size. Needs the built site, Python, and the events of the benchmarks (`cargo xtask bench events` makes them) in the
// folder that `MILLRACE_BENCH_DATA` names, or in `target/bench`. The last line is `N formats, N failed`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { DUCKDB, python } from '../bench/python.mjs';
import { App } from './app.mjs';
import { launchChromium, watchMemory } from './chromium.mjs';
import { dataFolder, root } from './data.mjs';
import { serve } from './server.mjs';

const MOST_MEMORY_BYTES = 700e6;
const { values, positionals } = parseArgs({ options: { bytes: { type: 'string', default: '200000000' } }, allowPositionals: true });

/** The events that the benchmarks made: the smallest file that is long enough. */
function eventsFile(bytes) {
  const folder = process.env.MILLRACE_BENCH_DATA ?? join(root, 'target/bench');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^events-\d+(bytes)?-1\.csv$/.test(name)) : [];
  const files = names.map((name) => join(folder, name)).filter((file) => statSync(file).size >= bytes);
  files.sort((a, b) => statSync(a).size - statSync(b).size);
  if (files.length === 0) throw new Error(`no events of ${bytes} bytes in ${folder}; make them with: cargo xtask bench events`);
  return files[0];
}

/** Values as they can be compared: times without what each engine writes at their end, numbers to twelve digits. */
function plain(value) {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number(value.toPrecision(12));
  if (typeof value !== 'string') return value;
  return /^\d{4}-\d\d-\d\d[T ]/.test(value) ? new Date(`${value.replace(' ', 'T').replace(/Z?$/, '')}Z`).getTime() : value;
}

async function check({ name, path, sql, expected }, browser, site) {
  const app = await App.ready(browser, `${site.origin}/?cache_mb=0`);
  const memory = await watchMemory(browser);
  const start = performance.now();
  const [{ table }] = await app.addFiles([path]);
  const added = performance.now();
  const { rows, stats } = await app.query(sql.replace(' t ', ` ${table} `).replace(/ t$/, ` ${table}`));
  const end = performance.now();
  const { peakBytes } = await memory.stop();
  const bytes = statSync(path).size;
  const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
  console.log(`${name}: ${megabytes(bytes)}, added in ${((added - start) / 1e3).toFixed(1)} s, asked in `
    + `${((end - added) / 1e3).toFixed(1)} s, ${megabytes(stats.bytesRead)} read, memory ${megabytes(peakBytes)}`);
  await app.close();
  assert.deepEqual(rows.map((row) => row.map(plain)), expected.map((row) => row.map(plain)));
  assert.ok(peakBytes < MOST_MEMORY_BYTES, `the renderer took ${megabytes(peakBytes)}`);
  if (name === 'parquet') assert.ok(stats.bytesRead < bytes * 0.8, 'of Parquet only the columns that are asked for are read');
}

const program = python([DUCKDB, 'pyarrow']);
const script = join(root, 'tests/browser/large.py');
const folder = join(dataFolder, `large-${values.bytes}`);
const options = { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] };
const written = execFileSync(program, [script, eventsFile(Number(values.bytes)), folder, values.bytes, ...positionals], options);
const site = await serve({ '/': process.env.MILLRACE_DIST ?? join(root, 'dist') });
let failed = 0;
const files = JSON.parse(written);
for (const file of files) {
  const browser = await launchChromium();
  try {
    await check(file, browser, site);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${file.name}: ${error.millrace?.message ?? error.message}`);
  }
  await browser.close();
}
await site.close();
console.log(`${files.length} formats, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
