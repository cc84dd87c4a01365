// What a second thread brings once nothing has to be read.
import { generated } from '../data.mjs';
import { atLeast } from '../goals.mjs';
import { GROUP, eventsTable } from './events.mjs';

/** All columns of the query stay in memory, so that the second run computes only. */
const CACHE_MEGABYTES = 256;

export default {
  name: 'scaling',
  title: 'One thread and two',
  measures: '`group` of the events with one and with two threads. The second run, over columns kept in memory, is what '
    + 'counts: the first one shares its processors with the threads that read.',
  engines: ['millrace'],
  size: { rows: 13_000_000 },
  prepare({ rows }) {
    const query = (name, threads) => {
      const address = `?threads=${threads}&cache_mb=${CACHE_MEGABYTES}`;
      return { name, sql: GROUP, again: true, address };
    };
    const tables = { events: eventsTable(generated('events', 'rows', rows)) };
    return { tables, queries: [query('one', 1), query('two', 2)], summary: `${rows} events` };
  },
  goals(figures) {
    const millis = (name) => figures.againMillis('millrace', name);
    return [atLeast('second run, one thread : two threads', 1.8, millis('one') / millis('two'))];
  },
};
