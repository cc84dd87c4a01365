// A file larger than memory should be: the same speed and the same memory as for a tenth of it.
import { statSync } from 'node:fs';

import { generated } from '../data.mjs';
import { atLeast, atMost } from '../goals.mjs';
import { GROUP, eventsTable } from './events.mjs';

/** The big file may be read this much slower, and may take this much more memory. */
const LEAST_SPEED = 0.9;
const MOST_MEMORY = 1.1;

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
    const peak = (name) => figures.result('millrace', name)?.peakBytes;
    return [
      atLeast('speed, whole : tenth', LEAST_SPEED, speed('whole') / speed('tenth')),
      atMost('peak memory, whole : tenth', MOST_MEMORY, peak('whole') / peak('tenth')),
    ];
  },
};
