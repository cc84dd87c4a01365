// Nexmark over files: the queries of an auction site, as Flink's Nexmark has them, over all that happened there.
//
// q10 is left out, which only writes files. q12 is about the time of the computation there; here it has windows
// over event time, as the others. Where the benchmark leaves open which of equal rows comes first, further columns
// say so. What DuckDB has to say in another way stands in `nexmark/q<number>.duckdb.sql`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { nexmarkFolder } from '../data.mjs';
import { meanFaster, meanNotSlower } from '../goals.mjs';

/** Results of more rows than this are summed up by the engine, because no page could show them. */
const MOST_ROWS = 20_000;

const BID = 'sum(auction), sum(bidder), sum(price)';
const TIME = (column) => `min(${column}), max(${column}), sum(date_part('epoch', ${column}))`;
const TEXT = (column) => `min(${column}), max(${column}), sum(length(${column}))`;
const AUCTION = `${TEXT('item_name')}, ${TEXT('description')}, sum(initial_bid), sum(reserve), sum(seller),
  sum(category), ${TIME('expires')}`;
const SESSIONS = `sum(bidder), sum(bids), max(bids), ${TIME('window_start')}, ${TIME('window_end')}`;

/** For each query rows of its result by event, about, and sums that stand for a large result. */
const QUERIES = {
  q0: { share: 0.92, sums: `${BID}, ${TIME('date_time')}, ${TEXT('extra')}` },
  q1: { share: 0.92, sums: `${BID}, ${TIME('date_time')}, ${TEXT('extra')}` },
  q2: { share: 0.01, sums: 'sum(auction), sum(price)' },
  q3: { share: 0.01, sums: `${TEXT('name')}, ${TEXT('city')}, ${TEXT('state')}, sum(id)` },
  q4: {},
  q5: {},
  q6: { share: 0.06, sums: 'sum(id), sum(seller), sum(average)' },
  q7: {},
  q8: { share: 0.003, sums: `sum(id), ${TEXT('name')}, ${TIME('window_start')}` },
  q9: {
    share: 0.06,
    sums: `sum(id), ${BID}, ${AUCTION}, ${TIME('date_time')}, ${TEXT('extra')}, ${TIME('bid_date_time')},
      ${TEXT('bid_extra')}`,
  },
  q11: { share: 0.03, sums: SESSIONS },
  q12: { share: 0.08, sums: SESSIONS },
  q13: { share: 0.92, sums: `${BID}, ${TIME('date_time')}, ${TEXT('value')}` },
  q14: {
    share: 0.25,
    sums: `${BID}, count(*) FILTER (WHERE bid_time_type = 'dayTime'),
      count(*) FILTER (WHERE bid_time_type = 'nightTime'), ${TIME('date_time')}, ${TEXT('extra')}, sum(c_counts)`,
  },
  q15: {},
  q16: {},
  q17: {
    share: 0.06,
    sums: `sum(auction), min(day), max(day), sum(total_bids), sum(rank1_bids), sum(rank2_bids), sum(rank3_bids),
      sum(min_price), sum(max_price), sum(avg_price), sum(sum_price)`,
  },
  q18: { share: 0.3, sums: `${BID}, ${TEXT('channel')}, ${TEXT('url')}, ${TIME('date_time')}, ${TEXT('extra')}` },
  q19: {
    share: 0.4,
    sums: `${BID}, ${TEXT('channel')}, ${TEXT('url')}, ${TIME('date_time')}, ${TEXT('extra')}, sum(place)`,
  },
  q20: {
    share: 0.2,
    sums: `${BID}, ${TEXT('channel')}, ${TEXT('url')}, ${TIME('date_time')}, ${TEXT('extra')}, ${AUCTION},
      ${TIME('auction_date_time')}, ${TEXT('auction_extra')}`,
  },
  q21: { share: 0.9, sums: `${BID}, ${TEXT('channel')}, ${TEXT('channel_id')}` },
  q22: { share: 0.92, sums: `${BID}, ${TEXT('channel')}, ${TEXT('dir1')}, ${TEXT('dir2')}, ${TEXT('dir3')}` },
};

/** The text of a file in `nexmark/`, or undefined when there is none. */
function text(file) {
  const path = new URL(`nexmark/${file}.sql`, import.meta.url);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** Columns of the tables as DuckDB is told them. */
const COLUMNS = {
  person: {
    id: 'BIGINT', name: 'VARCHAR', email_address: 'VARCHAR', credit_card: 'VARCHAR', city: 'VARCHAR',
    state: 'VARCHAR', date_time: 'TIMESTAMP', extra: 'VARCHAR',
  },
  auction: {
    id: 'BIGINT', item_name: 'VARCHAR', description: 'VARCHAR', initial_bid: 'BIGINT', reserve: 'BIGINT',
    date_time: 'TIMESTAMP', expires: 'TIMESTAMP', seller: 'BIGINT', category: 'BIGINT', extra: 'VARCHAR',
  },
  bid: {
    auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR',
    date_time: 'TIMESTAMP', extra: 'VARCHAR',
  },
  side_input: { key: 'BIGINT', value: 'VARCHAR' },
};

const structOf = (columns) => `{${columns.map(([name, type]) => `'${name}': '${type}'`).join(', ')}}`;

/** How DuckDB reads a table, by format. */
const READING = {
  // It finds the other types of CSV; a time would become one with a zone, for which an extension is fetched.
  csv(columns) {
    const times = columns.filter(([, type]) => type === 'TIMESTAMP');
    return { duckdb: times.length > 0 ? `types = ${structOf(times)}` : '' };
  },
  ndjson(columns) {
    return { reader: 'read_json', duckdb: `format = 'newline_delimited', columns = ${structOf(columns)}` };
  },
};

function tablesOf(format, events) {
  const folder = nexmarkFolder(events, format);
  return Object.fromEntries(Object.entries(COLUMNS).map(([name, columns]) => {
    const file = join(folder, `${name}.${format}`);
    return [name, { file, ...READING[format](Object.entries(columns)) }];
  }));
}

/** The tables that a query reads: some columns have names of tables. */
function read(sql, tables) {
  const reads = ([name]) => new RegExp(`\\b(FROM|JOIN|TABLE) ${name}\\b`).test(sql);
  return Object.fromEntries(Object.entries(tables).filter(reads));
}

function query(name, { share = 0, sums }, format, tables, events) {
  const large = share * events > MOST_ROWS;
  const asked = (sql) => (large && sql ? `SELECT count(*), ${sums} FROM (${sql}\n) AS answer` : sql);
  const [sql, duckdb] = [text(name), asked(text(`${name}.duckdb`))];
  const sqls = duckdb === undefined ? {} : { duckdb, 'duckdb-wasm': duckdb };
  const of = format === 'csv' ? name : `${name}-${format}`;
  // Its reader of JSON is an extension, which it fetches from the network.
  const skips = format === 'ndjson' ? ['duckdb-wasm'] : [];
  return { name: of, sql: asked(sql), sqls, tables: read(sql, tables), skips };
}

export default {
  name: 'nexmark',
  title: 'Nexmark',
  measures: 'From the files that a query reads, as CSV (`q0`) and as NDJSON (`q0-ndjson`), to the exact result, each '
    + 'query by itself. A result of many rows is summed up by the engine, in the same query. DuckDB-Wasm takes part with '
    + 'CSV only: its reader of JSON is an extension that it fetches from the network.',
  engines: ['millrace', 'millrace-native', 'duckdb-wasm', 'duckdb'],
  size: { rows: 10_000_000 },
  prepare({ rows }) {
    const queries = Object.keys(READING).flatMap((format) => {
      const tables = tablesOf(format, rows);
      return Object.entries(QUERIES).map(([name, asked]) => query(name, asked, format, tables, rows));
    });
    return { tables: {}, queries, summary: `${rows} events` };
  },
  goals: (figures) => [meanNotSlower(figures, 'duckdb', 2), meanFaster(figures, 'duckdb-wasm', 1.5)],
};
