// A file larger than memory should be: the same speed and the same memory as for a tenth of it.
import { statSync } from 'node:fs';

import { generated } from '../data.mjs';
import { atLeast, atMost } from '../goals.mjs';
import { GROUP, eventsTable } from './events.mjs';

/** The big file may be read this much slower. */
const LEAST_SPEED = 0.85;
const MOST_MEMORY_MEGABYTES = 700;

export default {
  name: 'big',
  title: 'A big file',
  measures: '`group` of the events over a file, and over one ten times as long: bytes a second, and the peak of '
    + "the renderer's memory.",
  onRequest: true,
  engines: ['millrace', 'millrace-native', 'duckdb'],
  size: { bytes: 10e9 },
  rate: true,
  prepare({ bytes }) {
    const query = (name, length) => {
      const file = generated('events', 'bytes', length);
      return { name, sql: GROUP, tables: { events: eventsTable(file) }, bytes: statSync(file).size };
    };
    const queries = [query('tenth', bytes / 10), query('whole', bytes)];
    return { tables: {}, queries, summary: `${(bytes / 1e9).toFixed(1)} GB of events` };
  },
  goals(figures) {
    const speed = (name) => figures.megabytesPerSecond('millrace', name);
    return [
      atLeast('speed, whole : tenth', LEAST_SPEED, speed('whole') / speed('tenth')),
      atMost('peak memory, MB', MOST_MEMORY_MEGABYTES, figures.result('millrace', 'whole')?.peakBytes / 1e6),
    ];
  },
};
