// A stream that runs for long: is memory flat, and how long does a result take?
// Usage: node soak.mjs [--minutes N] [--rate N], by default 10 minutes at 50,000 events a second.
//
// Windows of a second by key are counted over generated events, of which one in a thousand is late and the others
// are up to 200 ms out of order. The delay of a result is the time from the moment at which its window could close
// (its end and the 200 ms have passed) to the moment at which its rows are in the page. The time of the events
// begins with the first of them, some moments after the stream was asked for: that much is taken off, as the least
// distance from the clock that was seen.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { App } from './app.mjs';
import { launchChromium, residentNow } from './chromium.mjs';
import { root } from './data.mjs';
import { serve } from './server.mjs';

const SAMPLE_MILLIS = 5_000;
const DISORDER_MILLIS = 200;
// Compiling, the first allocations and the first collections of garbage are over by then.
const WARM_MILLIS = 20_000;

const options = process.argv.slice(2);
const option = (name, byDefault) => {
  const at = options.indexOf(name);
  return at < 0 ? byDefault : Number(options[at + 1]);
};
const minutes = option('--minutes', 10);
const rate = option('--rate', 50_000);
const dist = process.env.MILLRACE_DIST ?? join(root, 'dist');
if (!existsSync(join(dist, 'index.html'))) throw new Error(`no site in ${dist}; build it with: cargo xtask build`);

const site = await serve({ '/': dist });
const browser = await launchChromium();
const app = await App.ready(browser, `${site.origin}/`);
await app.page.evaluate(([rate, disorder]) => {
  window.delays = [];
  const seen = new Set();
  const onResult = ({ rows }) => {
    const now = Date.now();
    for (const [, end] of rows) {
      if (seen.has(end)) continue;
      seen.add(end);
      window.delays.push(now - Date.parse(end) - disorder);
    }
  };
  const source = { table: 's', kind: 'generator', rowsPerSecond: rate, startMillis: Date.now(), disorderMillis: disorder,
    delayMillis: disorder, lateShare: 0.001, lateMillis: 5_000, keys: 100 };
  const sql = `SELECT key, window_end, count(*) AS n, avg(value) AS mean, max(value) AS high
    FROM TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY key, window_start, window_end`;
  window.soaked = window.millrace.stream(sql, { sources: [source], onResult });
}, [rate, DISORDER_MILLIS]);

const end = Date.now() + minutes * 60_000;
const began = Date.now();
const samples = [];
let offset = Infinity;
while (Date.now() < end) {
  await sleep(Math.min(SAMPLE_MILLIS, Math.max(0, end - Date.now())));
  const bytes = await residentNow(browser);
  const status = await app.page.evaluate(() => window.soaked.status());
  const passed = Date.now() - began;
  offset = Math.min(offset, status.lagMillis - DISORDER_MILLIS);
  samples.push({ passed, bytes });
  console.log(`${(passed / 1e3).toFixed(0)} s: ${(bytes / 1e6).toFixed(0)} MB resident, ${status.rowsIn} events, `
    + `${status.rowsPerSecond.toFixed(0)} a second, ${status.lateRows} late, watermark ${status.lagMillis} ms behind, `
    + `state ${status.stateBytes} bytes in ${status.openWindows} windows`);
}
const ended = await app.page.evaluate(async () => {
  const { rowsIn, lateRows } = window.soaked.status();
  return { delays: window.delays, rowsIn, lateRows };
});
await browser.close();
await site.close();

const warm = samples.filter(({ passed }) => passed > WARM_MILLIS);
const mean = (values) => values.reduce((sum, { bytes }) => sum + bytes, 0) / Math.max(values.length, 1) / 1e6;
const third = Math.max(1, Math.floor(warm.length / 3));
const delays = ended.delays.map((delay) => delay - offset).sort((a, b) => a - b);
const at = (share) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))];
console.log(`${ended.rowsIn} events, ${ended.lateRows} late, ${delays.length} windows`);
console.log(`delay of a result: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
console.log(`memory after ${WARM_MILLIS / 1e3} s: first third ${mean(warm.slice(0, third)).toFixed(0)} MB, `
  + `last third ${mean(warm.slice(-third)).toFixed(0)} MB`);
