// The One Billion Row Challenge, on fewer rows.
import { generated } from '../data.mjs';
import { notSlower } from '../goals.mjs';

export default {
  name: 'brc',
  title: 'One Billion Row Challenge',
  measures: 'Least, mean and greatest temperature of each of 413 stations, from a file without a header.',
  engines: ['millrace', 'millrace-native', 'duckdb-wasm', 'chdb-wasm', 'duckdb', 'polars'],
  size: { rows: 100_000_000 },
  prepare({ rows }) {
    const measurements = {
      file: generated('brc', 'rows', rows),
      // The names that Millrace gives to columns without any.
      duckdb: "delim = ';', header = false, names = ['column_1', 'column_2']",
      chdb: { format: 'CSV', columns: 'column_1 String, column_2 Float64', settings: "format_csv_delimiter = ';'" },
    };
    const sql = `SELECT column_1, min(column_2), avg(column_2), max(column_2) FROM measurements
      GROUP BY column_1 ORDER BY column_1`;
    return { tables: { measurements }, queries: [{ name: 'stations', sql }], summary: `${rows} measurements` };
  },
  goals: (figures) => [notSlower(figures, 'stations', 'duckdb', 1)],
};
