// Engines without a browser: those that Python starts, and Millrace's own on the command line.
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';

import { here, root } from './folders.mjs';
import { DUCKDB, python } from './python.mjs';

const PACKAGES = { duckdb: DUCKDB, polars: 'polars==2.1.0', spark: 'pyspark==4.3.0' };

/** Runs a program to its end and gives what it wrote, or throws what it said of its failure. */
function output(program, options, { input = '', limitMillis }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, { timeout: limitMillis, killSignal: 'SIGKILL' });
    const [out, told] = [[], []];
    child.stdout.on('data', (bytes) => out.push(bytes));
    child.stderr.on('data', (bytes) => told.push(bytes));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const stderr = Buffer.concat(told).toString();
      if (code === 0) resolve({ stdout: Buffer.concat(out).toString(), stderr });
      else reject(new Error(stderr.trim() || `ended with ${signal ?? code}`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Runs a query in an engine of `native/`. */
export async function runPython(engine, query, { workload, tables, runs, threads, limitMillis }) {
  const program = python([PACKAGES[engine]].filter(Boolean));
  const request = { engine, workload: workload.name, query, tables, runs, threads };
  const script = [join(here, 'native/main.py')];
  return JSON.parse((await output(program, script, { input: JSON.stringify(request), limitMillis })).stdout);
}

/** Unpacks the file of a query on one core, natively. */
export async function runInflate(_, query, { tables, runs, limitMillis }) {
  const [{ file }] = Object.values(tables);
  const cargo = ['run', '--quiet', '--release', '--package', 'millrace-tests', '--bin', 'inflate', '--', file, runs];
  const { millis, bytes } = JSON.parse((await output('cargo', cargo.map(String), { limitMillis })).stdout);
  return { version: '', threads: 1, millis, rows: [[bytes]] };
}

let millrace;

/** The command line's program, built once. */
function cli() {
  if (millrace === undefined) {
    const cargo = ['build', '--quiet', '--release', '--package', 'millrace-cli', '--message-format=json'];
    const told = execFileSync('cargo', cargo, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 });
    const lines = told.toString().trim().split('\n').map((line) => JSON.parse(line));
    millrace = lines.find(({ executable }) => executable)?.executable;
  }
  return millrace;
}

/** Runs a query in Millrace's engine without a browser: a process for each run, or two runs of the query in it. */
export async function runCli(_, query, { tables, runs, threads, limitMillis }) {
  const files = Object.entries(tables).map(([name, { file }]) => `${name}=${file}`);
  const sql = query.sqls['millrace-native'] ?? query.sql;
  const repeat = query.again ? 2 : 1;
  const options = ['--threads', threads, '--repeat', repeat, '--output', 'csv', '--stats', sql, ...files].map(String);
  const answer = { threads, millis: [], queryMillis: [], againMillis: query.again ? [] : undefined };
  for (let run = 0; run < runs; run += 1) {
    const { stdout, stderr } = await output(cli(), options, { limitMillis });
    const adding = Number(/added in ([\d.]+) ms/.exec(stderr)[1]);
    const [first, second] = [...stderr.matchAll(/ bad, ([\d.]+) ms/g)].map(([, millis]) => Number(millis));
    answer.millis.push(adding + first);
    answer.queryMillis.push(first);
    answer.againMillis?.push(second);
    if (run === runs - 1) answer.rows = parseCsv(stdout).slice(1).map(aloneNull);
  }
  return answer;
}

/** A null that is the only field of its record is written in quotes, so that the line is not empty. */
function aloneNull(record) {
  return record.length === 1 && record[0] === '' ? [null] : record;
}

/** Records of a CSV text as RFC 4180 has it; an empty field without quotes is null. */
export function parseCsv(text) {
  const records = [];
  let record = [];
  // A field in quotes or one without, and what ends it.
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g)) {
    if (end === '' && record.length === 0 && quoted === undefined && bare === '') break;
    record.push(quoted === undefined ? bare || null : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}
