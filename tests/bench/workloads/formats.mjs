// The same events in other formats than CSV, each as large as it becomes.
import { converted } from '../data.mjs';
import { atLeast, faster } from '../goals.mjs';
import { GROUP, EVENT_COLUMNS_OF_CHDB } from './events.mjs';

/** Inflating a file natively on one core is the measure for reading it. */
const LEAST_INFLATE_SPEED = 0.9;

const STATUS = 'SELECT status, count(*), sum(bytes) FROM log GROUP BY status ORDER BY status';

// Others have no tables of logs: they find the two fields by the least that can be asked of a regular expression.
const LINE = '" ([0-9]{3}) ([0-9]+) ';
const STATUS_OF_DUCKDB = `SELECT CAST(fields.status AS INTEGER) AS status, count(*), sum(CAST(fields.bytes AS BIGINT))
  FROM (SELECT regexp_extract(line, '${LINE}', ['status', 'bytes']) AS fields FROM log)
  GROUP BY 1 ORDER BY 1`;
const STATUS_OF_CHDB = `SELECT toInt32(fields[1]) AS status, count(*), sum(toInt64(fields[2]))
  FROM (SELECT extractGroups(line, '${LINE}') AS fields FROM log) GROUP BY status ORDER BY status`;

const EVENT_TYPES = "{ts: 'TIMESTAMP', user_id: 'BIGINT', category: 'VARCHAR', region: 'VARCHAR', price: 'DOUBLE', "
  + "quantity: 'BIGINT', comment: 'VARCHAR'}";

/** What the files are to the engines, by the name of their query. */
const FILES = {
  ndjson: { reader: 'read_json', duckdb: `format = 'newline_delimited', columns = ${EVENT_TYPES}`, chdb: 'JSONEachRow' },
  parquet: { reader: 'read_parquet', duckdb: '', chdb: 'Parquet' },
  gzip: { duckdb: "types = {'ts': 'TIMESTAMP'}", chdb: 'CSVWithNames' },
};

export default {
  name: 'formats',
  title: 'Other formats',
  measures: '`group` of the events as NDJSON, as Parquet and as CSV in gzip, and the requests and bytes by status of '
    + 'as many lines of a web server’s log.',
  engines: ['millrace', 'millrace-native', 'inflate', 'duckdb-wasm', 'chdb-wasm', 'duckdb'],
  size: { rows: 13_000_000 },
  rate: true,
  prepare({ rows }) {
    const queries = Object.entries(FILES).map(([name, { chdb, ...table }]) => {
      const file = converted(name, rows);
      const events = { file, ...table, chdb: { format: chdb, columns: EVENT_COLUMNS_OF_CHDB } };
      return { name, sql: GROUP, tables: { events }, skips: name === 'gzip' ? [] : ['inflate'] };
    });
    const lines = {
      file: converted('log', rows),
      duckdb: "columns = {'line': 'VARCHAR'}, delim = '\\t', quote = '', escape = '', header = false, "
        + 'auto_detect = false',
      chdb: { format: 'LineAsString', columns: 'line String' },
    };
    queries.push({
      name: 'log',
      sql: STATUS,
      sqls: { duckdb: STATUS_OF_DUCKDB, 'duckdb-wasm': STATUS_OF_DUCKDB, 'chdb-wasm': STATUS_OF_CHDB },
      tables: { log: lines },
      skips: ['inflate'],
    });
    return { tables: {}, queries, summary: `${rows} rows each` };
  },
  goals: (figures) => [
    faster(figures, 'ndjson', 'duckdb-wasm', 3),
    faster(figures, 'log', 'duckdb-wasm', 3),
    faster(figures, 'parquet', 'duckdb-wasm', 1.5),
    atLeast('gzip: time of inflating natively on one core : Millrace', LEAST_INFLATE_SPEED,
      figures.ratio('inflate', 'millrace', 'gzip')),
  ],
};
