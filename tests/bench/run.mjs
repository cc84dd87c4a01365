// Compares Millrace with other engines, all on this machine and in one run.
//
// node run.mjs [WORKLOAD...] [--engines a,b] [--queries a,b] [--runs N] [--rows N] [--bytes N] [--scale X]
//   [--threads N] [--wait SECONDS] [--limit SECONDS] [--native] [--out FILE]
//
// Without names all workloads run, but those that are big. `--engines +a` adds to the usual engines. `--rows`,
// `--bytes` and `--scale` change the sizes of the workloads that have them; `--native` takes the engines that need no
// browser, Millrace's command line among them; `--limit` is the time for all runs of one query in one engine.
//
// Prints tables, writes `target/bench.json`, and the same tables into docs/BENCHMARKS.md; with other sizes or fewer
// engines or queries than usual into `target/bench.md`, unless `--out` says where. Needs the site in `dist/`, the
// packages of `tests/package.json`, Chromium, and Python 3 for the native engines.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { difference } from './compare.mjs';
import { warm } from './data.mjs';
import { section, updateDocument } from './document.mjs';
import { ENGINES, OWN, REFERENCE } from './engines.mjs';
import { Figures } from './figures.mjs';
import { root } from './folders.mjs';
import { describeMachine } from './machine.mjs';
import { tables as reportTables } from './report.mjs';
import { WORKLOADS } from './workloads/index.mjs';

/** As many as the page takes at most. */
const MOST_THREADS = 16;

const text = (value) => ({ type: 'string', default: value });
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engines: text(),
    queries: text(),
    runs: text('3'),
    rows: text(),
    bytes: text(),
    scale: text(),
    threads: text(String(Math.min(availableParallelism(), MOST_THREADS))),
    wait: text('60'),
    limit: text('1800'),
    out: text(),
    native: { type: 'boolean', default: false },
  },
});

/** Entries of a list that was given as `a,b`; an unknown one is an error, told before anything runs. */
function chosen(given, known, what) {
  const names = given?.split(',') ?? [];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no ${what} ${unknown}; there are ${known.join(', ')}`);
  return names;
}

function chosenWorkloads() {
  const names = chosen(positionals.join(',') || undefined, WORKLOADS.map(({ name }) => name), 'workload');
  return WORKLOADS.filter(({ name, onRequest }) => (names.length > 0 ? names.includes(name) : !onRequest));
}

const more = options.engines?.startsWith('+') ?? false;
const named = chosen(options.engines?.replace(/^\+/, ''), Object.keys(ENGINES), 'engine');

const changed = [options.queries, options.rows, options.bytes, options.scale, options.native];
const usual = changed.every((given) => !given) && (more || named.length === 0);

function enginesOf(workload) {
  return Object.keys(ENGINES).filter((name) => workload.engines.includes(name)).filter((name) => {
    if (named.includes(name)) return true;
    if (named.length > 0 && !more) return false;
    const { native, optional } = ENGINES[name];
    return options.native ? native && (!optional || OWN.includes(name)) : !optional;
  });
}

/** The usual size of a workload with what the options change of it. */
function sizeOf({ size }) {
  return Object.fromEntries(Object.entries(size).map(([key, value]) => [key, Number(options[key] ?? value)]));
}

const seconds = (millis) => (millis / 1e3).toFixed(2);

/** Runs one query in one engine and compares its rows; never throws. */
async function measure(engine, query, context, expected) {
  try {
    const { rows, ...result } = await ENGINES[engine].run(engine, query, context);
    if (ENGINES[engine].answers === false) {
      const [[bytes]] = rows;
      return bytes === context.bytes ? result : { error: `${bytes} bytes instead of ${context.bytes}`, wrong: true };
    }
    expected.rows ??= rows;
    const different = difference(rows, expected.rows);
    if (different !== null) return { error: `other rows than ${expected.engine}: ${different}`, wrong: true };
    expected.engine ??= ENGINES[engine].title;
    return { ...result, rows: rows.length };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

/** Bytes of the files that a query reads. */
function bytesOf({ bytes, tables }) {
  return bytes ?? Object.values(tables).reduce((sum, { file }) => sum + statSync(file).size, 0);
}

async function runWorkload(workload) {
  const prepared = await workload.prepare(sizeOf(workload));
  if (workload.measure !== undefined) return workload.measure(prepared, Number(options.runs));
  const names = options.queries?.split(',');
  const queries = prepared.queries
    .filter(({ name }) => names === undefined || names.includes(name))
    .map((query) => ({ sqls: {}, tables: prepared.tables, ...query }));
  const files = new Map(queries.flatMap(({ tables }) => Object.values(tables)).map((table) => [table.file, table]));
  const bytes = warm(files.values());
  const engines = enginesOf(workload);
  const limitMillis = Number(options.limit) * 1e3;
  const runs = Number(options.runs);
  const results = {};
  for (const query of queries) {
    const threads = Number(options.threads);
    const context = { workload, tables: query.tables, bytes: bytesOf(query), runs, threads, limitMillis };
    const expected = {};
    results[query.name] = {};
    const taking = engines.filter((engine) => !query.skips?.includes(engine));
    for (const engine of taking.toSorted((a, b) => (b === REFERENCE) - (a === REFERENCE))) {
      const result = await measure(engine, query, context, expected);
      results[query.name][engine] = result;
      const { title, where } = ENGINES[engine];
      const outcome = result.error ?? `${result.millis.map(seconds).join(', ')} s`;
      console.log(`${workload.name} ${query.name}  ${title} (${where}): ${outcome}`);
    }
  }
  const figures = new Figures(queries.map((query) => ({ ...query, bytes: bytesOf(query) })), engines, results);
  const { summary } = prepared;
  return { summary, bytes, browser: figures.browser(), figures, tables: reportTables(workload, figures) };
}

/** Whether something happened that fails the benchmark: wrong rows, or Millrace gave none. */
function failed({ results }) {
  return Object.values(results).flatMap(Object.entries).some(([engine, { error, wrong }]) =>
    wrong || (error !== undefined && OWN.includes(engine)));
}

async function main() {
  const workloads = chosenWorkloads();
  const machine = await describeMachine(Number(options.wait) * 1e3);
  if (!machine.idle) {
    console.log(`The machine is busy (${Math.round(machine.busyShareBefore * 100)} % of its processors): `
      + 'the times below are no good for records.');
  }
  const report = { date: new Date().toISOString(), machine, runs: Number(options.runs), workloads: {} };
  const sections = {};
  const out = options.out ?? join(root, usual ? 'docs/BENCHMARKS.md' : 'target/bench.md');
  mkdirSync(join(root, 'target'), { recursive: true });
  for (const workload of workloads) {
    const measured = await runWorkload(workload);
    if (measured.figures?.queries.length === 0) continue;
    const { figures, ...done } = measured;
    report.workloads[workload.name] = { ...done, tables: undefined, results: figures?.results };
    sections[workload.name] = section(workload, { ...report, ...done });
    const what = `${workload.title}: ${done.summary}, ${done.bytes} bytes; medians of ${options.runs}`;
    console.log(`\n${what}\n\n${done.tables}\n`);
    // After each workload, so that a long run that is broken off has not been for nothing.
    writeFileSync(join(root, 'target/bench.json'), `${JSON.stringify(report, null, 2)}\n`);
    updateDocument(out, sections);
    if (figures !== undefined && failed(figures)) process.exitCode = 1;
  }
  console.log(`written to ${out} and target/bench.json`);
}

await main();
