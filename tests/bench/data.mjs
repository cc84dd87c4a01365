// The files that the engines read: made once, and kept in one folder.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { folder, here, root } from './folders.mjs';
import { DUCKDB, python } from './python.mjs';

const SEED = 1;
const TPCHGEN = 'tpchgen-cli==4.0.0';

/** Gives the path of a file, or of a folder of files, that `make` writes unless it is there. */
function kept(name, make) {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  console.log(`generating ${name}`);
  mkdirSync(folder, { recursive: true });
  rmSync(`${path}.part`, { recursive: true, force: true });
  make(`${path}.part`);
  renameSync(`${path}.part`, path);
  return path;
}

/** A file of one of our own generators: `events`, `h2o` or `brc`, with so many `rows` or `bytes`. */
export function generated(kind, limit, amount) {
  const name = `${kind}-${amount}${limit === 'rows' ? '' : limit}-${SEED}.csv`;
  return kept(name, (file) => generate(kind, limit, amount, file));
}

/** The folder with the four tables of Nexmark in a format, `csv` or `ndjson`, for so many events. */
export function nexmarkFolder(events, format) {
  const name = `nexmark-${events}${format === 'csv' ? '' : `-${format}`}-${SEED}`;
  return kept(name, (output) => generate('nexmark', 'rows', events, output, ['--format', format]));
}

/** So many events in another format: a line of `native/convert.py`. */
export function converted(kind, rows) {
  const endings = { ndjson: 'ndjson', parquet: 'parquet', gzip: 'csv.gz', log: 'log' };
  return kept(`events-${rows}-${SEED}.${endings[kind]}`, (output) => {
    const script = join(here, 'native/convert.py');
    const program = python([DUCKDB]);
    const events = generated('events', 'rows', rows);
    execFileSync(program, [script, kind, events, output], { stdio: ['ignore', 'ignore', 'inherit'] });
  });
}

function generate(kind, limit, amount, path, more = []) {
  const cargo = ['run', '--quiet', '--release', '--package', 'millrace-tests', '--bin', 'generate', '--'];
  const options = [kind, `--${limit}`, String(amount), '--seed', String(SEED), ...more, path];
  execFileSync('cargo', [...cargo, ...options], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The folder with the eight tables of TPC-H. */
export function tpchFolder(scale) {
  return kept(`tpch-${scale}`, (output) => {
    const program = join(dirname(python([TPCHGEN])), 'tpchgen-cli');
    const options = ['csv', '--scale-factor', String(scale), '--output-dir', output, '--no-progress'];
    execFileSync(program, options, { stdio: ['ignore', 'ignore', 'inherit'] });
  });
}

/** Reads files once, so that all engines find them in the page cache. Gives their bytes together. */
export function warm(tables) {
  let bytes = 0;
  for (const { file } of tables) {
    execFileSync('cat', [file], { stdio: ['ignore', 'ignore', 'inherit'] });
    bytes += statSync(file).size;
  }
  return bytes;
}

/** Paths of the files with an ending in a folder. */
export function filesIn(path, ending) {
  return readdirSync(path).filter((name) => name.endsWith(ending)).sort().map((name) => join(path, name));
}
