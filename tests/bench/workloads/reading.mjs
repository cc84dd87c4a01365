// How much of a query's time is reading: the reader workers fill slots with the file, and nothing is done with them.
import { generated } from '../data.mjs';
import { atMost } from '../goals.mjs';
import { GROUP, eventsTable } from './events.mjs';

export default {
  name: 'reading',
  title: 'Reading alone',
  measures: "`group` of the events, beside the same file through the page's reader workers into shared memory, split by "
    + 'split as the engine asks for them, and dropped unread. No query over the file can take less.',
  engines: ['millrace', 'readers', 'reading'],
  size: { rows: 13_000_000 },
  rate: true,
  prepare({ rows }) {
    const tables = { events: eventsTable(generated('events', 'rows', rows)) };
    return { tables, queries: [{ name: 'group', sql: GROUP }], summary: `${rows} events` };
  },
  goals(figures) {
    const share = figures.queryMillis('millrace', 'group') / figures.millis('readers', 'group');
    return [atMost('time of the query : time of reading alone', 1.3, share)];
  },
};
