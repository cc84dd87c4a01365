// Windows over the time of events: what a kind costs beside the plainest one, and beside SQL that computes the same.
import { generated } from '../data.mjs';
import { atMost, faster } from '../goals.mjs';
import { eventsTable } from './events.mjs';

/** A window of an hour that slides by a minute may cost so many times a window of a minute. */
const MOST_FOR_SLIDING = 1.5;

const FIGURES = 'count(*) AS events, avg(price) AS mean, max(price) AS highest';

/** Windows of one kind by region, as its call in FROM says. */
const byRegion = (call) => `SELECT window_start, window_end, region, ${FIGURES}
  FROM ${call} GROUP BY window_start, window_end, region`;

// Events are summed up by minutes first, so that no event is copied into the windows that hold it.
const MINUTES = `WITH minutes AS (
    SELECT time_bucket(INTERVAL '1 minute', ts) AS minute, region, count(*) AS events, sum(price) AS total,
      max(price) AS highest
    FROM events GROUP BY 1, 2
  )`;
const OF_MINUTES = 'sum(events) AS events, sum(total) / sum(events) AS mean, max(highest) AS highest';

const TUMBLE = byRegion("TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE)");
const TUMBLE_OF_DUCKDB = `SELECT time_bucket(INTERVAL '1 minute', ts) AS window_start,
    time_bucket(INTERVAL '1 minute', ts) + INTERVAL '1 minute' AS window_end, region, ${FIGURES}
  FROM events GROUP BY 1, 2, 3`;

const HOP = byRegion("HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR)");
const HOP_OF_DUCKDB = `${MINUTES}
  SELECT minute - before * INTERVAL '1 minute' AS window_start,
    minute - before * INTERVAL '1 minute' + INTERVAL '1 hour' AS window_end, region, ${OF_MINUTES}
  FROM minutes, range(60) AS windows(before) GROUP BY 1, 2, 3`;

const CUMULATE = byRegion("CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '1' DAY)");
const CUMULATE_OF_DUCKDB = `${MINUTES}
  SELECT time_bucket(INTERVAL '1 day', minute) AS window_start,
    time_bucket(INTERVAL '1 day', minute) + step * INTERVAL '10 minutes' AS window_end, region, ${OF_MINUTES}
  FROM minutes JOIN range(1, 145) AS windows(step)
    ON minute < time_bucket(INTERVAL '1 day', minute) + step * INTERVAL '10 minutes'
  GROUP BY 1, 2, 3`;

// A session for nearly every event of a million users: too many rows to show.
const SESSION = `SELECT count(*) AS sessions, sum(events) AS events, max(events) AS most, avg(total) AS mean,
    max(date_part('epoch', window_end) - date_part('epoch', window_start)) AS longest
  FROM (
    SELECT user_id, window_start, window_end, count(*) AS events, sum(price) AS total
    FROM SESSION(TABLE events PARTITION BY user_id, DESCRIPTOR(ts), INTERVAL '10' MINUTES)
    GROUP BY user_id, window_start, window_end
  ) AS sessions`;
const SESSION_OF_DUCKDB = `WITH marked AS (
    SELECT user_id, ts, price,
      CASE WHEN ts > lag(ts) OVER (PARTITION BY user_id ORDER BY ts) + INTERVAL '10 minutes' THEN 1 ELSE 0 END AS begins
    FROM events
  ), numbered AS (
    SELECT user_id, ts, price,
      sum(begins) OVER (PARTITION BY user_id ORDER BY ts ROWS UNBOUNDED PRECEDING) AS session
    FROM marked
  ), sessions AS (
    SELECT user_id, session, count(*) AS events, sum(price) AS total,
      date_part('epoch', max(ts)) + 600 - date_part('epoch', min(ts)) AS seconds
    FROM numbered GROUP BY user_id, session
  )
  SELECT count(*) AS sessions, sum(events) AS events, max(events) AS most, avg(total) AS mean, max(seconds) AS longest
  FROM sessions`;

const QUERIES = {
  tumble: { sql: TUMBLE, duckdb: TUMBLE_OF_DUCKDB, again: true },
  hop: { sql: HOP, duckdb: HOP_OF_DUCKDB, again: true },
  cumulate: { sql: CUMULATE, duckdb: CUMULATE_OF_DUCKDB },
  session: { sql: SESSION, duckdb: SESSION_OF_DUCKDB },
};

export default {
  name: 'windows',
  title: 'Windows',
  measures: 'The events by region in windows of a minute (`tumble`), of an hour sliding by a minute (`hop`), and of a '
    + 'day growing by ten minutes (`cumulate`); and the sessions of each user (`session`), summed up by the engine. '
    + 'Others have no such windows: they are told to sum up minutes first and to put those together, and to number '
    + 'sessions by window functions.',
  engines: ['millrace', 'millrace-native', 'duckdb-wasm', 'duckdb'],
  size: { rows: 13_000_000 },
  prepare({ rows }) {
    return {
      tables: { events: eventsTable(generated('events', 'rows', rows)) },
      queries: Object.entries(QUERIES).map(([name, { sql, duckdb, again }]) =>
        ({ name, sql, again, sqls: { duckdb, 'duckdb-wasm': duckdb } })),
      summary: `${rows} events`,
    };
  },
  goals(figures) {
    const ratio = (millis) => millis('hop') / millis('tumble');
    return [
      atMost('hop : tumble', MOST_FOR_SLIDING, ratio((name) => figures.millis('millrace', name))),
      atMost('hop : tumble, second run', MOST_FOR_SLIDING, ratio((name) => figures.againMillis('millrace', name))),
      ...Object.keys(QUERIES).map((name) => faster(figures, name, 'duckdb-wasm', 1)),
    ];
  },
};
