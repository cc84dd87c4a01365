// Runs in a page: other engines in the browser over files that were chosen. Each gives back rows of numbers,
// texts and nulls; times as ISO 8601 in UTC.
import * as duckdb from '@duckdb/duckdb-wasm';
import { AsyncChdb, selectBundle } from 'chdb-wasm';
import { DataType } from 'apache-arrow';

async function startDuckdb({ tables, sql }, files) {
  const base = new URL('/node_modules/@duckdb/duckdb-wasm/dist/', location.href).href;
  const worker = new Worker(`${base}duckdb-browser-eh.worker.js`);
  const db = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  await db.instantiate(`${base}duckdb-eh.wasm`);
  const connection = await db.connect();
  for (const { name, file, reader = 'read_csv', duckdb: options } of tables) {
    await db.registerFileHandle(file, files.get(file), duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
    const given = options === '' ? '' : `, ${options}`;
    await connection.query(`CREATE VIEW ${name} AS SELECT * FROM ${reader}('${file}'${given})`);
  }
  return {
    version: await db.getVersion(),
    threads: 1,
    async query() {
      const table = await connection.query(sql);
      const types = table.schema.fields.map(({ type }) => type);
      return table.toArray().map((row) => row.toArray().map((value, column) => plain(value, types[column])));
    },
  };
}

/** A value of Arrow as JSON has it. */
function plain(value, type) {
  if (value === null || value === undefined) return null;
  if (DataType.isTimestamp(type)) return new Date(Number(value)).toISOString();
  if (DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, 10);
  if (DataType.isDecimal(type)) {
    const whole = [...value].reverse().reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
    return Number(BigInt.asIntN(type.bitWidth, whole)) / 10 ** type.scale;
  }
  return typeof value === 'bigint' ? Number(value) : value;
}

async function startChdb({ tables, sql, threads }, files) {
  const bundle = selectBundle({ baseUrl: '/node_modules/chdb-wasm/dist' });
  if (!bundle.supported) throw new Error(bundle.reasons.join('; '));
  const db = await AsyncChdb.create({ moduleUrl: bundle.moduleUrl, wasmUrl: bundle.wasmUrl });
  const own = tables.flatMap(({ chdb }) => chdb.settings ?? []);
  const settings = [...own, `max_threads = ${threads}`, "date_time_input_format = 'best_effort'",
    "date_time_output_format = 'iso'", 'output_format_json_quote_64bit_integers = 0'];
  const views = tables.map(({ name, file, chdb: { format, columns } }) =>
    `${name} AS (SELECT * FROM file('${file}', '${format}', '${columns.replaceAll("'", "\\'")}'))`);
  const text = `WITH ${views.join(', ')} ${sql} SETTINGS ${settings.join(', ')}`;
  for (const { file } of tables) await db.registerFile(file, files.get(file));
  return {
    version: (await db.query('SELECT version()', 'TSV')).text().trim(),
    threads,
    async query() {
      const lines = (await db.query(text, 'JSONCompactEachRow')).text().trim().split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
    },
  };
}

/** No engine: the reader workers alone fill slots with all splits of a file, which nobody looks at. */
async function startReaders({ tables: [{ file }], threads }, files) {
  const worker = new Worker('reading.worker.mjs', { type: 'module' });
  const answers = () => new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  return {
    version: '',
    threads,
    async query() {
      const answer = answers();
      worker.postMessage({ file: files.get(file), threads });
      return [[(await answer).bytes]];
    },
  };
}

const engines = { 'duckdb-wasm': startDuckdb, 'chdb-wasm': startChdb, readers: startReaders };

/** Runs one query several times over the chosen files and gives back times and the last rows. */
window.runPeer = async (call) => {
  const files = new Map([...document.querySelector('#files').files].map((file) => [file.name, file]));
  const engine = await engines[call.engine](call, files);
  const millis = [];
  let rows;
  for (let run = 0; run < call.runs; run += 1) {
    const start = performance.now();
    rows = await engine.query();
    millis.push(performance.now() - start);
  }
  return { version: engine.version, threads: engine.threads, millis, rows };
};
window.peersReady = true;
