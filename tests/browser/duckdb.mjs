// Native DuckDB as the reference for results.
import { DuckDBInstance } from '@duckdb/node-api';

/** A database with the given CSV files as tables; times are UTC without a zone. */
export async function referenceDatabase(files) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [table, { file, types }] of Object.entries(files)) {
    const given = Object.entries(types).map(([column, type]) => `'${column}': '${type}'`).join(', ');
    const read = `read_csv('${file.replaceAll("'", "''")}'${given && `, types = {${given}}`})`;
    await connection.run(`CREATE VIEW ${table} AS SELECT * FROM ${read}`);
  }
  return {
    /** Rows as the page API gives them: BigInt, number, string, boolean, null, times as ISO 8601. */
    async rows(sql) {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowsJS().map((row) => row.map((cell) => (cell instanceof Date ? cell.toISOString() : cell)));
    },
  };
}

/** Says where two tables differ first, or gives `null`. Only floating point numbers may differ, by rounding. */
export function difference(rows, expected) {
  if (rows.length !== expected.length) return `${rows.length} rows instead of ${expected.length}`;
  for (let index = 0; index < rows.length; index += 1) {
    if (rows[index].length !== expected[index].length) return `row ${index}: ${rows[index].length} cells`;
    for (let column = 0; column < rows[index].length; column += 1) {
      const [a, b] = [rows[index][column], expected[index][column]];
      const near = typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
      if (a !== b && !near) {
        return `row ${index}, column ${column}: ${typeof a} ${a} instead of ${typeof b} ${b}`;
      }
    }
  }
  return null;
}
