// Where the processors' time of a query goes: a sampling profile of all processes of the browser, by what they did.
//
// Needs Linux' `perf`, and a site whose functions have kept their names: `cargo xtask build --quick`.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { launchChromium } from '../browser/chromium.mjs';
import { serve } from '../browser/server.mjs';
import { askApp, openApp } from './browser.mjs';
import { dist } from './folders.mjs';

const SAMPLES_A_SECOND = 999;
/** Until perf has found all threads. */
const ATTACH_MILLIS = 1_000;
/** What perf may print of a query of a minute. */
const MOST_OUTPUT_BYTES = 1 << 30;

/** What a pool thread does, by the name of the function; the first that fits. */
const WORK = [
  ['structural index', /format::csv::index/],
  ['columns from text', /millrace_engine::format|from_utf8|simdutf8/],
  ['columns packed and kept', /millrace_engine::cache/],
  ['operators', /datafusion|arrow|hashbrown|foldhash|memcmp/],
  ['planning and tasks', /millrace_|core::|alloc::|std::|rayon|async_task|futures/],
];

/** The parts in the order in which they are told. */
export const PARTS = [
  ['reading, outside the page', 'the browser’s processes that open and send the file'],
  ['reading, in the page', 'threads that receive it, and copy it into shared memory'],
  ...WORK.map(([name]) => [name, 'the engine’s pool']),
  ['system calls of the pool', 'waking, waiting, memory given by the system'],
  ['drawing', 'the page’s main thread and its compositor'],
  ['compiling and the rest', 'other threads of the page’s process'],
];

/** Processor seconds by part, and the seconds that the query took. */
export async function profile(query, tables) {
  const site = await serve({ '/': dist });
  const browser = await launchChromium(['--js-flags=--perf-basic-prof']);
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  try {
    const { page } = await openApp(browser, `${site.origin}/`, tables);
    const processes = await processesOf(browser);
    const file = join(folder, 'perf.data');
    const pids = processes.map(({ id }) => id).join(',');
    const perf = spawn('perf', ['record', '-q', '-F', String(SAMPLES_A_SECOND), '-o', file, '-p', pids]);
    const ended = new Promise((resolve, reject) => {
      perf.on('exit', resolve);
      perf.on('error', (error) => reject(new Error(`perf does not run: ${error.message}`)));
    });
    await Promise.race([ended, page.waitForTimeout(ATTACH_MILLIS)]);
    const { millis } = await page.evaluate(askApp, { sql: query.sql });
    perf.kill('SIGINT');
    await ended;
    const renderers = new Set(processes.filter(({ type }) => type === 'renderer').map(({ id }) => id));
    return { version: browser.version(), millis, seconds: byPart(samplesOf(file), renderers) };
  } finally {
    await browser.close();
    await site.close();
    rmSync(folder, { recursive: true });
  }
}

async function processesOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo;
}

/** Each sample's process, thread, thread's name, function and module. */
function samplesOf(file) {
  const fields = ['-F', 'comm,pid,tid,ip,sym,dso', '-G', '--no-inline'];
  const printed = spawnSync('perf', ['script', '-i', file, ...fields], { encoding: 'utf8', maxBuffer: MOST_OUTPUT_BYTES });
  if (printed.status !== 0) throw new Error(`perf script: ${printed.stderr || printed.error}`);
  const line = /^\s*(.+?)\s+(\d+)\/(\d+)\s+[0-9a-f]+\s+(.*)\s+\((.*)\)\s*$/;
  return printed.stdout.split('\n').map((text) => line.exec(text)).filter(Boolean)
    .map(([, thread, pid, tid, name, module]) => ({ thread, pid: Number(pid), tid, name: plain(name), module }));
}

/** A function's name without the compiler's numbers of crates. */
const plain = (name) => name.replace(/\[[0-9a-f]{16}\]/g, '');

function byPart(samples, renderers) {
  const pool = new Set(samples.filter(({ name }) => /millrace_engine/.test(name)).map(({ tid }) => tid));
  if (pool.size === 0) throw new Error('no function of the engine has a name: build with `cargo xtask build --quick`');
  const seconds = new Map(PARTS.map(([name]) => [name, 0]));
  for (const sample of samples) {
    const part = partOf(sample, renderers, pool);
    seconds.set(part, seconds.get(part) + 1 / SAMPLES_A_SECOND);
  }
  return seconds;
}

function partOf({ thread, pid, tid, name, module }, renderers, pool) {
  if (!renderers.has(pid)) return 'reading, outside the page';
  if (pool.has(tid)) {
    if (module.includes('kernel')) return 'system calls of the pool';
    const work = WORK.find(([, names]) => names.test(name));
    return work?.[0] ?? 'planning and tasks';
  }
  if (thread.startsWith('DedicatedWorker')) return 'reading, in the page';
  // The main thread has the name of the program.
  return tid === String(pid) || thread.startsWith('Compositor') ? 'drawing' : 'compiling and the rest';
}
