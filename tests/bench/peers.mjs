// Runs in a page: other engines in the browser over a dropped file. Each gives back its rows in the form
// that all engines are compared in: numbers and strings, times as milliseconds since 1970-01-01 UTC.
import * as duckdb from '@duckdb/duckdb-wasm';
import { AsyncChdb, selectBundle } from 'chdb-wasm';

const DUCKDB = {
  group: 'SELECT category, count(*)::DOUBLE, avg(price), max(price) FROM EVENTS GROUP BY ALL ORDER BY ALL',
  tumble: `SELECT epoch_ms(date_trunc('minute', ts))::DOUBLE, region, count(*)::DOUBLE, avg(price), max(price)
    FROM EVENTS GROUP BY ALL ORDER BY ALL`,
};

// Without its type the time would become one with a zone, for which an extension is fetched.
const DUCKDB_EVENTS = "read_csv('events.csv', types = {'ts': 'TIMESTAMP'})";

const CHDB = {
  group: 'SELECT category, count(), avg(price), max(price) FROM EVENTS GROUP BY category ORDER BY category',
  tumble: `SELECT toUnixTimestamp64Milli(toDateTime64(toStartOfMinute(ts), 3, 'UTC')) AS minute, region, count(),
    avg(price), max(price) FROM EVENTS GROUP BY minute, region ORDER BY minute, region`,
};

const CHDB_EVENTS = `file('events.csv', 'CSVWithNames', 'ts DateTime64(3, \\'UTC\\'), user_id Int64, category String,
  region String, price Float64, quantity Int64, comment String')`;

async function startDuckdb() {
  const base = new URL('/node_modules/@duckdb/duckdb-wasm/dist/', location.href).href;
  const worker = new Worker(`${base}duckdb-browser-eh.worker.js`);
  const db = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  await db.instantiate(`${base}duckdb-eh.wasm`);
  let connection;
  return {
    version: await db.getVersion(),
    threads: 1,
    async open(file) {
      await db.registerFileHandle('events.csv', file, duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
      connection = await db.connect();
    },
    async query(name) {
      const table = await connection.query(DUCKDB[name].replace('EVENTS', DUCKDB_EVENTS));
      return table.toArray().map((row) => row.toArray());
    },
  };
}

async function startChdb(threads) {
  const bundle = selectBundle({ baseUrl: '/node_modules/chdb-wasm/dist' });
  if (!bundle.supported) throw new Error(bundle.reasons.join('; '));
  const db = await AsyncChdb.create({ moduleUrl: bundle.moduleUrl, wasmUrl: bundle.wasmUrl });
  const settings = `SETTINGS max_threads = ${threads}, date_time_input_format = 'best_effort',
    output_format_json_quote_64bit_integers = 0`;
  return {
    version: (await db.query('SELECT version()', 'TSV')).text().trim(),
    threads,
    open: (file) => db.registerFile('events.csv', file),
    async query(name) {
      const sql = `${CHDB[name].replace('EVENTS', CHDB_EVENTS)} ${settings}`;
      const lines = (await db.query(sql, 'JSONCompactEachRow')).text().trim().split('\n');
      return lines.map((line) => JSON.parse(line));
    },
  };
}

const engines = { 'duckdb-wasm': startDuckdb, 'chdb-wasm': startChdb };

/** Runs one query several times over the file of the input and gives back times and the last rows. */
window.runPeer = async (name, query, runs, threads) => {
  const [file] = document.querySelector('#file').files;
  const engine = await engines[name](threads);
  await engine.open(file);
  const millis = [];
  let rows;
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    rows = await engine.query(query);
    millis.push(performance.now() - start);
  }
  return { version: engine.version, threads: engine.threads, millis, rows };
};
window.peersReady = true;
