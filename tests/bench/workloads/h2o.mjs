// The ten group-by questions of H2O.ai's db-benchmark.
import { generated } from '../data.mjs';
import { meanFaster, meanNotSlower } from '../goals.mjs';

const CHDB_COLUMNS = `id1 String, id2 String, id3 String, id4 Int64, id5 Int64, id6 Int64, v1 Int64, v2 Int64,
  v3 Float64`;

/** Results of more rows than this are summed up by the engine, because no page could show them. */
const MOST_ROWS = 20_000;

/** For each question its SQL, the number of its groups, and sums that stand for a large result. */
const QUESTIONS = [
  { sql: 'SELECT id1, sum(v1) AS v1 FROM x GROUP BY id1', groups: () => 100 },
  { sql: 'SELECT id1, id2, sum(v1) AS v1 FROM x GROUP BY id1, id2', groups: () => 1e4 },
  {
    sql: 'SELECT id3, sum(v1) AS v1, avg(v3) AS v3 FROM x GROUP BY id3',
    groups: (rows) => rows / 100,
    sums: 'min(id3), max(id3), sum(v1), sum(v3)',
  },
  { sql: 'SELECT id4, avg(v1) AS v1, avg(v2) AS v2, avg(v3) AS v3 FROM x GROUP BY id4', groups: () => 100 },
  {
    sql: 'SELECT id6, sum(v1) AS v1, sum(v2) AS v2, sum(v3) AS v3 FROM x GROUP BY id6',
    groups: (rows) => rows / 100,
    sums: 'sum(id6), sum(v1), sum(v2), sum(v3)',
  },
  {
    sql: 'SELECT id4, id5, median(v3) AS median_v3, stddev(v3) AS sd_v3 FROM x GROUP BY id4, id5',
    groups: () => 1e4,
    // ClickHouse's median is an estimate, and its stddev is not that of a sample.
    chdb: 'SELECT id4, id5, quantileExactInclusive(v3), stddevSamp(v3) FROM x GROUP BY id4, id5',
  },
  {
    sql: 'SELECT id3, max(v1) - min(v2) AS range_v1_v2 FROM x GROUP BY id3',
    groups: (rows) => rows / 100,
    sums: 'min(id3), max(id3), sum(range_v1_v2)',
  },
  {
    sql: `SELECT id6, v3 FROM (
      SELECT id6, v3, row_number() OVER (PARTITION BY id6 ORDER BY v3 DESC) AS place FROM x WHERE v3 IS NOT NULL
    ) AS ranked WHERE place <= 2`,
    groups: (rows) => rows / 50,
    sums: 'sum(id6), sum(v3)',
  },
  { sql: 'SELECT id2, id4, power(corr(v1, v2), 2) AS r2 FROM x GROUP BY id2, id4', groups: () => 1e4 },
  {
    sql: `SELECT id1, id2, id3, id4, id5, id6, sum(v3) AS v3, count(*) AS n FROM x
      GROUP BY id1, id2, id3, id4, id5, id6`,
    groups: (rows) => rows,
    sums: 'min(id1), max(id2), min(id3), sum(id4), sum(id5), sum(id6), sum(v3), sum(n)',
  },
];

function query({ sql, groups, sums, chdb }, index, rows) {
  const large = sums !== undefined && groups(rows) > MOST_ROWS;
  return {
    name: `q${index + 1}`,
    sql: large ? `SELECT count(*), ${sums} FROM (${sql}) AS answer` : sql,
    sqls: chdb === undefined ? {} : { 'chdb-wasm': chdb },
    // Polars has no SQL for all of this; `../native/with_polars.py` asks the same in its own way.
    summed: large,
  };
}

export default {
  name: 'h2o',
  title: 'H2O.ai group-by questions',
  measures: 'From the file to the exact result, each question by itself. A result of many rows is summed up by '
    + 'the engine, in the same query.',
  engines: ['millrace', 'millrace-native', 'duckdb-wasm', 'chdb-wasm', 'duckdb', 'polars'],
  size: { rows: 10_000_000 },
  prepare({ rows }) {
    const x = {
      file: generated('h2o', 'rows', rows),
      duckdb: '',
      chdb: { format: 'CSVWithNames', columns: CHDB_COLUMNS },
    };
    return {
      tables: { x },
      queries: QUESTIONS.map((question, index) => query(question, index, rows)),
      summary: `${rows} rows, G1_${rows.toExponential().replace('+', '')}_1e2_0_0`,
    };
  },
  goals: (figures) => [meanFaster(figures, 'duckdb-wasm', 3), meanNotSlower(figures, 'duckdb', 1.2)],
};
