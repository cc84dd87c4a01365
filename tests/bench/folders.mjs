// Where things lie.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, '../..');

/** The built site. */
export const dist = process.env.MILLRACE_DIST ?? join(root, 'dist');

/** What is big, data and Python's packages; `MILLRACE_BENCH_DATA` shares it among checkouts. */
export const folder = process.env.MILLRACE_BENCH_DATA ?? join(root, 'target/bench');
