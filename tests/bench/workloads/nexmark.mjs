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

function query(name, { share = 0, sums }, events) {
  const large = share * events > MOST_ROWS;
  const asked = (sql) => (large && sql ? `SELECT count(*), ${sums} FROM (${sql}\n) AS answer` : sql);
  const duckdb = asked(text(`${name}.duckdb`));
  const sqls = duckdb === undefined ? {} : { duckdb, 'duckdb-wasm': duckdb };
  return { name, sql: asked(text(name)), sqls };
}

// Without its type a time would become one with a zone, for which an extension is fetched.
const TYPES = {
  person: "types = {'date_time': 'TIMESTAMP'}",
  auction: "types = {'date_time': 'TIMESTAMP', 'expires': 'TIMESTAMP'}",
  bid: "types = {'date_time': 'TIMESTAMP'}",
  side_input: '',
};

export default {
  name: 'nexmark',
  title: 'Nexmark',
  measures: 'From the four files to the exact result, each query by itself. A result of many rows is summed up by '
    + 'the engine, in the same query.',
  engines: ['millrace', 'millrace-native', 'duckdb-wasm', 'duckdb'],
  size: { rows: 10_000_000 },
  prepare({ rows }) {
    const folder = nexmarkFolder(rows);
    const tables = Object.entries(TYPES).map(([name, duckdb]) => [name, { file: join(folder, `${name}.csv`), duckdb }]);
    return {
      tables: Object.fromEntries(tables),
      queries: Object.entries(QUERIES).map(([name, asked]) => query(name, asked, rows)),
      summary: `${rows} events`,
    };
  },
  goals: (figures) => [meanNotSlower(figures, 'duckdb', 2), meanFaster(figures, 'duckdb-wasm', 1.5)],
};
