// A stream that runs for long, as a person sees it: is memory flat, and how long does a result take?
// Usage: node soak.mjs [--minutes N] [--rate N] [--limit-ms N], by default 10 minutes at 50,000 events a second.
//
// Windows of a second by key are counted over generated events, of which one in a thousand is late and the others
// are up to 200 ms out of order. They are started in the page's dialog, and shown as its table and its chart.
//
// The delay of a result is the time from the moment at which its window could close (its end and the 200 ms have
// passed) to the moment at which its rows are in the table, and to the picture behind the one in which the chart was
// drawn with them. The time of the events begins with the first of them, some moments after the stream was asked for:
// that much is taken off, as the least distance from the clock that was seen. With `--limit-ms` the run fails when the
// p99 of either delay is longer. A run as long and as fast as by default writes its section of docs/BENCHMARKS.md.
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { otherSection, updateDocument } from '../bench/document.mjs';
import { describeMachine } from '../bench/machine.mjs';
import { median } from '../bench/compare.mjs';
import { App } from './app.mjs';
import { launchChromium, residentNow } from './chromium.mjs';
import { root } from './data.mjs';
import { serve } from './server.mjs';

const SAMPLE_MILLIS = 5_000;
const DISORDER_MILLIS = 200;
const WINDOW_MILLIS = 1_000;
// Keys of the rows that the dialog's generator makes: each window has a row for each.
const KEYS = 8;
// Compiling, the first allocations and the first collections of garbage are over by then.
const WARM_MILLIS = 20_000;

// What the documentation is to show, and the goals there.
const MINUTES = 10;
const RATE = 50_000;
const DELAY_GOAL_MILLIS = 500;
const MOST_GROWTH = 1.1;

const options = process.argv.slice(2);
const option = (name, byDefault) => {
  const at = options.indexOf(name);
  return at < 0 ? byDefault : Number(options[at + 1]);
};
const minutes = option('--minutes', MINUTES);
const rate = option('--rate', RATE);
const limit = option('--limit-ms', Infinity);
const dist = process.env.MILLRACE_DIST ?? join(root, 'dist');
if (!existsSync(join(dist, 'index.html'))) throw new Error(`no site in ${dist}; build it with: cargo xtask build`);

const machine = await describeMachine(0);
const site = await serve({ '/': dist });
const browser = await launchChromium();
const app = await App.ready(browser, `${site.origin}/`);
const { page } = app;
await page.evaluate(() => {
  window.tables = [];
  window.charts = [];
  new MutationObserver(() => {
    const now = Date.now();
    const rows = Number(document.querySelector('[data-panel=rows] [data-rows]')?.dataset.rows ?? 0);
    if (rows > (window.tables.at(-1)?.rows ?? 0)) window.tables.push({ now, rows });
    // `… 96 points from 2026-01-01 12:00:01 to 2026-01-01 12:00:12 UTC, values …`
    const words = document.querySelector('[data-chart=canvas]')?.getAttribute('aria-label') ?? '';
    const [, first, last] = /from ([\d-]+(?: [\d:.]+)?) to ([\d-]+(?: [\d:.]+)?) UTC/.exec(words) ?? [];
    if (last === undefined || last === window.drawn) return;
    window.drawn = last;
    // What is drawn now is on the screen with the next picture.
    requestAnimationFrame(() => requestAnimationFrame(() => window.charts.push({ now: Date.now(), first, last })));
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-rows', 'aria-label'] });
});
const begin = await residentNow(browser);
await page.locator('[data-part=open-stream]').first().click();
const form = page.locator('[data-panel=stream-form]');
const fill = (field, value) => form.locator(`[data-stream-field=${field}]`).fill(String(value));
await form.locator('[data-stream-field=kind]').selectOption({ label: 'Generated rows, to try it' });
await fill('rate', rate);
await fill('disorder', DISORDER_MILLIS);
await fill('late', 0.1);
await fill('delay', DISORDER_MILLIS / 1e3);
await fill('sql', `SELECT window_start, key, count(*) AS n, avg(value) AS mean, max(value) AS high
  FROM TUMBLE(TABLE generated, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start, window_end, key`);
await form.locator('[data-part=start-stream]').click();
await page.locator('[data-chart=canvas] canvas').waitFor({ timeout: 60_000 });

const figures = () => page.evaluate(() => {
  const figure = (part) => document.querySelector(`[data-panel=stream] [data-stream=${part}]`);
  const number = (part) => Number(figure(part).innerText.replace(/\D/g, ''));
  return { rows: number('rows'), late: number('late'), windows: number('windows'), state: figure('state').innerText,
    lag: figure('lag').dataset.exact === '' ? NaN : Number(figure('lag').dataset.exact) };
});
const began = Date.now();
const end = began + minutes * 60_000;
const samples = [];
let offset = Infinity;
let last = { passed: 0, rows: 0 };
while (Date.now() < end) {
  await sleep(Math.min(SAMPLE_MILLIS, Math.max(0, end - Date.now())));
  const bytes = await residentNow(browser);
  const { rows, late, windows, state, lag } = await figures();
  const passed = Date.now() - began;
  if (Number.isFinite(lag)) offset = Math.min(offset, lag - DISORDER_MILLIS);
  samples.push({ passed, bytes, load: loadavg()[0] });
  const speed = (rows - last.rows) / ((passed - last.passed) / 1e3);
  last = { passed, rows };
  console.log(`${(passed / 1e3).toFixed(0)} s: ${(bytes / 1e6).toFixed(0)} MB resident, ${rows} events, `
    + `${speed.toFixed(0)} a second, ${late} late, watermark ${lag} ms behind, state ${state} in ${windows} windows, `
    + `load ${loadavg()[0].toFixed(1)}`);
}
const ended = { ...await figures(), ...await page.evaluate(() => ({ tables: window.tables, charts: window.charts })) };
const version = browser.version();
await browser.close();
await site.close();

const millis = (text) => Date.parse(text.includes(' ') ? `${text.replace(' ', 'T')}Z` : text);
const first = Math.min(...ended.charts.map((chart) => millis(chart.first)));
// Only the first window may have seen too little time to have all keys.
const shown = ended.tables.map(({ now, rows }) => ({ now, upTo: first + (Math.ceil(rows / KEYS) - 1) * WINDOW_MILLIS }));
const drawn = ended.charts.map(({ now, last }) => ({ now, upTo: millis(last) }));

/** Delays of the windows, each by the first moment at which it was seen. */
function delays(seen) {
  const found = [];
  let next = first;
  for (const { now, upTo } of seen) {
    for (; next <= upTo; next += WINDOW_MILLIS) found.push(now - (next + WINDOW_MILLIS + DISORDER_MILLIS) - offset);
  }
  return found.sort((a, b) => a - b);
}

/** The figures as a section of the documentation. */
function section() {
  const [early, late] = [mean(warm.slice(0, third)), mean(warm.slice(-third))];
  const goals = [
    ['delay from event to chart, p99, ms', DELAY_GOAL_MILLIS, at(toChart, 0.99)],
    ['delay from event to table, p99, ms', DELAY_GOAL_MILLIS, at(toTable, 0.99)],
    ['memory, last third : first third', MOST_GROWTH, Number((late / early).toFixed(2))],
  ];
  const line = ([goal, most, measured]) =>
    `| ${goal} | ≤ ${most} | ${measured} | ${measured <= most ? 'met' : '**not met**'} |`;
  const delay = (sorted) => `p50 ${at(sorted, 0.5)} ms, p99 ${at(sorted, 0.99)} ms, longest ${at(sorted, 1)} ms`;
  const loads = samples.map(({ load }) => load);
  return otherSection('soak', [
    '## A stream for long',
    `${rate} generated events a second for ${minutes} minutes in the page: counts, means and maxima by key in windows `
      + 'of a second, as its table and its chart show them while they come (`node tests/browser/soak.mjs`). A delay is '
      + 'the time from the moment at which a window can close to the one at which they have it.',
    `${ended.rows} events came, ${ended.late} of them late. Delay to the table: ${delay(toTable)}; to the chart: `
      + `${delay(toChart)}. Memory of the page: ${(begin / 1e6).toFixed(0)} MB before, ${early.toFixed(0)} MB in the first third, `
      + `${late.toFixed(0)} MB in the last. Load of the machine, this page with it: median ${median(loads).toFixed(1)}, at most `
      + `${Math.max(...loads).toFixed(1)}.`,
    ['| goal | wanted | measured |  |', '| --- | ---: | ---: | ---: |', ...goals.map(line)].join('\n'),
  ], { machine, date: new Date().toISOString(), browser: version });
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const told = (of, sorted) => console.log(`delay from event to ${of}: p50 ${at(sorted, 0.5)} ms, p99 ${at(sorted, 0.99)} ms, `
  + `longest ${at(sorted, 1)} ms, of ${sorted.length} windows`);
const [toTable, toChart] = [delays(shown), delays(drawn)];
const warm = samples.filter(({ passed }) => passed > WARM_MILLIS);
const mean = (values) => values.reduce((sum, { bytes }) => sum + bytes, 0) / Math.max(values.length, 1) / 1e6;
const third = Math.max(1, Math.floor(warm.length / 3));
console.log(`${ended.rows} events, ${ended.late} late, in ${minutes} minutes`);
told('result', toTable);
told('chart', toChart);
console.log(`memory before the stream ${(begin / 1e6).toFixed(0)} MB, at its end ${(samples.at(-1).bytes / 1e6).toFixed(0)} MB; `
  + `after ${WARM_MILLIS / 1e3} s: first third ${mean(warm.slice(0, third)).toFixed(0)} MB, last third ${mean(warm.slice(-third)).toFixed(0)} MB`);
if (minutes >= MINUTES && rate >= RATE) updateDocument(join(root, 'docs/BENCHMARKS.md'), { soak: section() });
process.exit(at(toTable, 0.99) <= limit && at(toChart, 0.99) <= limit ? 0 : 1);
