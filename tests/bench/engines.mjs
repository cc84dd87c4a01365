// Who is compared. `run(name, query, context)` gives `{version, threads, millis, rows}`; those who can also give
// `againMillis`, and Millrace's page what `browser.mjs` describes. Those with `answers: false` read only: their
// one row holds the number of bytes.

// Modules are loaded when they are needed, so that native engines need no packages of npm.
const app = async (...call) => (await import('./browser.mjs')).runApp(...call);
const peer = async (...call) => (await import('./browser.mjs')).runPeer(...call);
const cli = async (...call) => (await import('./native.mjs')).runCli(...call);
const inflate = async (...call) => (await import('./native.mjs')).runInflate(...call);
const python = async (...call) => (await import('./native.mjs')).runPython(...call);

/** In the order of the tables' columns. Those that are `optional` run only when they are named. */
export const ENGINES = {
  millrace: { title: 'Millrace', where: 'Chromium', run: app },
  'millrace-native': { title: 'Millrace', where: 'command line', run: cli, native: true, optional: true },
  readers: { title: "Millrace's readers alone", where: 'Chromium', run: peer, answers: false },
  'duckdb-wasm': { title: 'DuckDB-Wasm', where: 'Chromium', run: peer },
  'chdb-wasm': { title: 'chdb-wasm', where: 'Chromium', run: peer },
  inflate: { title: 'zlib-rs, unpacking alone', where: 'native', run: inflate, native: true, answers: false },
  reading: { title: 'read(2)', where: 'native', run: python, native: true, answers: false },
  duckdb: { title: 'DuckDB', where: 'native', run: python, native: true },
  polars: { title: 'Polars', where: 'native', run: python, native: true },
  spark: { title: 'Spark', where: 'native', run: python, native: true, optional: true },
};

/** Millrace itself: a failure of these fails the benchmark. */
export const OWN = ['millrace', 'millrace-native', 'readers'];

/** The engine whose rows the others' are compared with. */
export const REFERENCE = 'duckdb';
