// Compares Millrace with other engines, all on this machine and in one run.
//
// node run.mjs [--runs N] [--rows N] [--engines a,b] [--queries a,b] [--wait SECONDS]
//
// Prints a table and writes `target/bench.json` and `target/bench.md`. Needs the site in `dist/`, the
// packages of `tests/package.json`, Chromium, and Python 3 for the native engines, which are installed into
// `target/bench/venv`.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { launchChromium } from '../browser/chromium.mjs';
import { serve } from '../browser/server.mjs';
import { runApp } from './app.mjs';
import { difference, median } from './compare.mjs';
import { describeMachine } from './machine.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const folder = join(root, 'target/bench');
const dist = process.env.MILLRACE_DIST ?? join(root, 'dist');
const PYTHON_PACKAGES = ['duckdb==2.0.0', 'polars==2.1.0'];
const THREADS = 2;
const SEED = 1;
const REFERENCE = 'duckdb';

const NAMES = {
  millrace: 'Millrace (Chromium)',
  'duckdb-wasm': 'DuckDB-Wasm (Chromium)',
  'chdb-wasm': 'chdb-wasm (Chromium)',
  duckdb: 'DuckDB (native)',
  polars: 'Polars (native)',
};

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    rows: { type: 'string', default: '13000000' },
    engines: { type: 'string', default: Object.keys(NAMES).join(',') },
    queries: { type: 'string', default: 'group,tumble' },
    wait: { type: 'string', default: '60' },
  },
});

/** Writes the events file unless it is there. */
function eventsFile(rows) {
  const file = join(folder, `events-${rows}-${SEED}.csv`);
  if (!existsSync(file)) {
    console.log(`generating ${rows} events`);
    const part = `${file}.part`;
    const generate = ['events', '--rows', rows, '--seed', SEED, part].map(String);
    const cargo = ['run', '--quiet', '--profile', 'quick', '--package', 'millrace-tests', '--bin', 'generate', '--'];
    execFileSync('cargo', [...cargo, ...generate], { cwd: root, stdio: 'inherit' });
    renameSync(part, file);
  }
  // Reading it once puts it into the page cache, from which all engines read.
  execFileSync('cat', [file], { stdio: ['ignore', 'ignore', 'inherit'] });
  return file;
}

/** Python with the native engines. */
function pythonWithEngines() {
  const python = join(folder, 'venv/bin/python');
  if (!existsSync(python)) {
    console.log('installing native DuckDB and Polars');
    execFileSync('python3', ['-m', 'venv', join(folder, 'venv')], { stdio: 'inherit' });
  }
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PYTHON_PACKAGES];
  execFileSync(python, install, { stdio: 'inherit' });
  return python;
}

async function runNative(engine, query, file, runs) {
  const script = [join(here, 'native.py'), engine, query, file, runs, THREADS].map(String);
  const { stdout } = await promisify(execFile)(pythonWithEngines(), script, { maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}

async function runPeer(engine, query, file, runs) {
  const site = await serve({ '/': here, '/node_modules/': join(here, '../node_modules') });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`${engine}: ${error}`));
    await page.goto(`${site.origin}/peers.html`);
    await page.waitForFunction(() => window.peersReady === true);
    await page.setInputFiles('#file', [file]);
    return await page.evaluate((call) => window.runPeer(...call), [engine, query, runs, THREADS]);
  } finally {
    await browser.close();
    await site.close();
  }
}

function runEngine(engine, query, file, runs) {
  if (engine === 'millrace') return runApp(dist, query, file, runs);
  return (engine.endsWith('-wasm') ? runPeer : runNative)(engine, query, file, runs);
}

const seconds = (millis) => (millis / 1e3).toFixed(2);

/** A Markdown table of medians in seconds, and how many times as long as Millrace each engine took. */
function markdown(engines, queries, results) {
  const head = `| engine | threads | ${queries.map((query) => `${query}, s | ratio`).join(' | ')} |`;
  const line = `|---|---|${queries.map(() => '---:|---:|').join('')}`;
  const rows = engines.map((engine) => {
    const cells = queries.map((query) => {
      const result = results[query][engine];
      if (result.error !== undefined) return 'failed | –';
      const own = results[query].millrace?.medianMillis;
      const ratio = own === undefined ? '–' : (result.medianMillis / own).toFixed(2);
      return `${seconds(result.medianMillis)} | ${ratio}`;
    });
    const { version, threads } = results[queries[0]][engine];
    return `| ${NAMES[engine]} ${version ?? ''} | ${threads ?? '–'} | ${cells.join(' | ')} |`;
  });
  return [head, line, ...rows].join('\n');
}

async function main() {
  const engines = options.engines.split(',');
  const queries = options.queries.split(',');
  const runs = Number(options.runs);
  mkdirSync(folder, { recursive: true });
  const file = eventsFile(options.rows);
  const machine = await describeMachine(Number(options.wait) * 1e3);
  if (!machine.idle) {
    console.log(`The machine is busy (${Math.round(machine.busyShareBefore * 100)} % of its processors): `
      + 'the times below are no good for records.');
  }
  const results = {};
  let failed = 0;
  for (const query of queries) {
    results[query] = {};
    let expected;
    // The engine that the others' rows are compared with comes first.
    for (const engine of engines.toSorted((a, b) => (b === REFERENCE) - (a === REFERENCE))) {
      try {
        const { rows, ...result } = await runEngine(engine, query, file, runs);
        expected ??= { rows, engine };
        const different = difference(rows, expected.rows);
        if (different !== null) throw new Error(`other rows than ${expected.engine}: ${different}`);
        results[query][engine] = { ...result, medianMillis: median(result.millis), rows: rows.length };
        console.log(`${query}  ${NAMES[engine]}: ${result.millis.map(seconds).join(', ')} s`);
      } catch (error) {
        failed += 1;
        results[query][engine] = { error: String(error.message ?? error) };
        console.log(`${query}  ${NAMES[engine]}: failed: ${error.stack ?? error}`);
      }
    }
  }
  const table = markdown(engines, queries, results);
  const size = statSync(file).size;
  const report = { date: new Date().toISOString(), machine, rows: Number(options.rows), bytes: size, runs, results };
  writeFileSync(join(root, 'target/bench.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(root, 'target/bench.md'), `${table}\n`);
  console.log(`\n${options.rows} events, ${size} bytes; medians of ${runs}; ratios to Millrace\n\n${table}`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
