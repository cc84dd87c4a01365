// TPC-H from CSV: 22 queries over eight files, with the parameters of the standard's validation.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { filesIn, tpchFolder } from '../data.mjs';
import { meanFaster, meanNotSlower } from '../goals.mjs';

const QUERIES = 22;

/** The text of `tpch/q<number>.sql`. The eleventh depends on the scale, as the standard says. */
function text(number, scale) {
  const sql = readFileSync(new URL(`tpch/q${number}.sql`, import.meta.url), 'utf8').trim();
  return sql.replace('{fraction}', (0.0001 / scale).toFixed(12));
}

export default {
  name: 'tpch',
  title: 'TPC-H',
  measures: 'From the eight files to the exact rows, each query by itself; prices are numbers of type DOUBLE.',
  engines: ['millrace', 'millrace-native', 'duckdb-wasm', 'duckdb'],
  size: { scale: 1 },
  prepare({ scale }) {
    const files = filesIn(tpchFolder(scale), '.csv');
    const numbers = Array.from({ length: QUERIES }, (_, index) => index + 1);
    return {
      tables: Object.fromEntries(files.map((file) => [basename(file, '.csv'), { file, duckdb: '' }])),
      queries: numbers.map((number) => ({ name: `q${number}`, sql: text(number, scale) })),
      summary: `scale factor ${scale}`,
    };
  },
  goals: (figures) => [meanNotSlower(figures, 'duckdb', 2), meanFaster(figures, 'duckdb-wasm', 1.5)],
};
