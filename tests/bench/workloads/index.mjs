// What is measured. Each workload is a file of its own and a line in this table.
//
// A workload has a `name`, a `title`, what it `measures`, whether it is run only `onRequest`, the `engines` that
// can take part, its usual `size`, and these functions:
//
// - `prepare(size)` makes the data and gives `{tables, queries, summary}`. Each table has a `file` and what an
//   engine must be told that cannot find it out: `duckdb` (options of read_csv, or of the
//   function that is its `reader`), `chdb` (format and columns),
//   `spark` (columns). Each query has a `name`, its `sql` or the `sqls` of engines that take it in another
//   dialect, and `tables` if it reads others. `again` says that the second run is measured as well; `address` are
//   options of the page, as `?threads=1`; engines that a query `skips` are not asked.
// - `measure(prepared, runs)`, in place of comparing engines: gives `{summary, bytes, browser, tables}`.
// - `goals(figures)` gives the lines `{goal, limit, better, measured}` of the table of goals; `figures` is
//   described in `../figures.mjs`.
import big from './big.mjs';
import brc from './brc.mjs';
import events from './events.mjs';
import formats from './formats.mjs';
import h2o from './h2o.mjs';
import nexmark from './nexmark.mjs';
import profile from './profile.mjs';
import reading from './reading.mjs';
import scaling from './scaling.mjs';
import tpch from './tpch.mjs';
import windows from './windows.mjs';

export const WORKLOADS = [events, scaling, reading, profile, formats, h2o, brc, tpch, windows, nexmark, big];
