// Where the processors' time goes, of the two queries that say most of a scan.
import { median } from '../compare.mjs';
import { generated, warm } from '../data.mjs';
import { PARTS, profile } from '../profile.mjs';
import { table } from '../report.mjs';
import brc from './brc.mjs';
import { GROUP, eventsTable } from './events.mjs';

export default {
  name: 'profile',
  title: 'Where the time goes',
  measures: 'Processor seconds of `group` of the events and of the `stations`, from adding the file to the exact rows, by a '
    + 'sampling profile of all of the browser. What the processors of the machine have is the time that passed, times '
    + 'their number; what is missing from it they waited, or did for the profile itself.',
  onRequest: true,
  engines: [],
  size: { rows: 13_000_000 },
  prepare({ rows }) {
    const stations = brc.prepare(brc.size);
    return [
      { name: 'group', sql: GROUP, tables: { events: eventsTable(generated('events', 'rows', rows)) }, rows },
      { ...stations.queries[0], tables: stations.tables, rows: brc.size.rows },
    ];
  },
  async measure(queries, runs) {
    const bytes = warm(queries.flatMap(({ tables }) => Object.values(tables)));
    const measured = [];
    for (const query of queries) {
      const profiles = [];
      for (let run = 0; run < runs; run += 1) profiles.push(await profile(query, query.tables));
      measured.push({ ...query, profiles });
    }
    const medianOf = ({ profiles }, value) => median(profiles.map(value));
    const row = (name, value, what = '') => [name, what, ...measured.map((query) => medianOf(query, value).toFixed(2))];
    const head = ['processor seconds', 'by', ...measured.map(({ name }) => name)];
    const all = ({ seconds }) => [...seconds.values()].reduce((sum, each) => sum + each, 0);
    const rows = [
      ...PARTS.map(([name, what]) => row(name, ({ seconds }) => seconds.get(name), what)),
      row('all together', all),
      row('time that passed', ({ millis }) => millis / 1e3),
    ];
    const summary = measured.map(({ name, rows }) => `${name}: ${rows} rows`).join(', ');
    return { summary, bytes, browser: measured[0].profiles[0].version, tables: table(head, rows) };
  },
};
