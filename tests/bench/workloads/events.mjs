// Events of a shop: seven columns of text, numbers and times, with quoted fields.
import { generated } from '../data.mjs';
import { faster, loadedGoals, notSlower, secondRunGoals, snapshotGoals } from '../goals.mjs';

export const EVENT_COLUMNS_OF_CHDB = `ts DateTime64(3, 'UTC'), user_id Int64, category String, region String, price Float64,
  quantity Int64, comment String`;

const SPARK_COLUMNS = `ts TIMESTAMP, user_id BIGINT, category STRING, region STRING, price DOUBLE, quantity BIGINT,
  comment STRING`;

/** The table of a file of events, also for other workloads. */
export function eventsTable(file) {
  return {
    file,
    // Without its type the time would become one with a zone, for which an extension is fetched.
    duckdb: "types = {'ts': 'TIMESTAMP'}",
    chdb: { format: 'CSVWithNames', columns: EVENT_COLUMNS_OF_CHDB },
    spark: SPARK_COLUMNS,
  };
}

export const GROUP = `SELECT category, count(*), avg(price), max(price) FROM events
  GROUP BY category ORDER BY category`;
const TUMBLE = `SELECT date_trunc('minute', ts) AS minute, region, count(*), avg(price), max(price)
  FROM events GROUP BY minute, region ORDER BY minute, region`;

export default {
  name: 'events',
  title: 'Events',
  measures: 'From the file to the exact rows: averages by category (`group`), and per minute and region (`tumble`).',
  engines: ['millrace', 'millrace-native', 'duckdb-wasm', 'chdb-wasm', 'duckdb', 'polars', 'spark'],
  size: { rows: 13_000_000 },
  prepare({ rows }) {
    return {
      tables: { events: eventsTable(generated('events', 'rows', rows)) },
      queries: [{ name: 'group', sql: GROUP, again: true }, { name: 'tumble', sql: TUMBLE, again: true }],
      summary: `${rows} events`,
    };
  },
  goals: (figures) => [
    notSlower(figures, 'group', 'duckdb', 0.9),
    faster(figures, 'group', 'duckdb-wasm', 4),
    faster(figures, 'group', 'spark', 6),
    notSlower(figures, 'tumble', 'duckdb', 0.6),
    faster(figures, 'tumble', 'duckdb-wasm', 4),
    ...secondRunGoals(figures, 0.15),
    ...loadedGoals(figures, 'duckdb'),
    ...snapshotGoals(figures),
  ],
};
