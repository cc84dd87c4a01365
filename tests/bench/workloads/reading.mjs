// How long reading alone takes: the reader workers fill slots with the file, and nothing is done with them.
import { generated } from '../data.mjs';

export default {
  name: 'reading',
  title: 'Reading alone',
  measures: "The events' file through the page's reader workers into shared memory, split by split as the engine "
    + 'asks for them, and dropped unread. No query over the file can take less.',
  engines: ['readers', 'reading'],
  size: { rows: 13_000_000 },
  rate: true,
  prepare({ rows }) {
    const file = generated('events', 'rows', rows);
    return { tables: { events: { file } }, queries: [{ name: 'read', sql: '' }], summary: `${rows} events` };
  },
  goals: () => [],
};
