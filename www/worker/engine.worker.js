// Entry of the engine worker: loads the engine, starts its threads and readers, and passes messages.
//
// Page to worker: {command, files?, handles?}. Worker to page: {event, bytes?, port?}. Both as `src/protocol`
// defines them; `files` are the File objects of `add_files`, `handles` those of files that `stream` follows, `bytes` the ArrayBuffer of `exported`, `port` the end of a
// `spawn`ed worker.

import { Checkpoints } from './checkpoints.js';
import { Connections } from './connections.js';
import { Readers } from './readers.js';
import { Spill, hasPrivateFiles, removeStaleFiles } from './spill.js';
import { compile } from './load.js';

const MOST_THREADS = 16;
// Most of the work of reading is done by the browser's own process, one stream at a time for each reader:
// four keep it busy.
const READERS = 4;
// Splits of twice the length double the memory of slots and of what is decoded of them.
const SPLIT_BYTES = 8 << 20;
const BrowserWorker = self.Worker;

let spawned = 0;
let lost = false;

const booted = boot();
booted.catch(loadFailed);

self.addEventListener('message', async ({ data: { command, files = [], handles = [] } }) => {
  let engine;
  try {
    engine = await booted;
  } catch {
    return;
  }
  if (lost) return;
  try {
    if (command.type === 'start') await start(engine, command.options);
    else engine.dispatch(command, files, handles);
  } catch (error) {
    engineLost(error);
  }
});

// The page hears of these as an event of the engine and need not hear of them as errors as well.
self.addEventListener('error', (event) => {
  event.preventDefault();
  engineLost(event.error ?? event);
});
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  engineLost(event.reason);
});

async function boot() {
  if (!self.crossOriginIsolated) {
    throw new Error('memory cannot be shared between threads, because the page is not cross-origin isolated');
  }
  const script = import('./engine.js');
  script.catch(() => {});
  const module = await compile(new URL('engine_bg.wasm', import.meta.url), (stage, loaded, total) =>
    self.postMessage({ event: { type: 'boot', stage, loadedBytes: loaded, totalBytes: total } }),
  );
  const engine = await script;
  await engine.default({ module_or_path: module });
  return engine;
}

async function start(engine, options) {
  const cores = navigator.hardwareConcurrency || 2;
  const threads = Math.max(1, Math.min(options.threads ?? cores, MOST_THREADS));
  const memory = engine.sharedMemory();
  const readers = new Readers(READERS, (index) => spawn('reader', index), memory);
  // One for what queries put aside and one for kept columns, each with a worker and a file of its own.
  const hasFiles = await hasPrivateFiles();
  const [spill, cacheStore] = [0, 1].map((index) =>
    hasFiles ? new Spill(() => spawn('spill', index), memory) : undefined,
  );
  const checkpoints = hasFiles ? new Checkpoints(() => spawn('checkpoint', 0)) : undefined;
  const connections = new Connections((index, to) => spawn('connection', index, to));
  // As a rule there is not even a folder.
  removeStaleFiles().catch(() => {});
  await startPool(engine, threads);
  // A slot for each thread to work on, and one for each reader to fill meanwhile, of which one is between two reads;
  // with one more nothing was faster.
  const slots = threads + Math.max(READERS, threads >> 1) - 1;
  engine.start(options, threads, slots, options.splitBytes ?? SPLIT_BYTES, { readers, spill, cacheStore, checkpoints, connections });
}

// wasm-bindgen-rayon starts its threads from blob: URLs, which the content security policy forbids, with
// a small stack, and does not hear when one of them is lost. It gets workers of our own instead.
async function startPool(engine, threads) {
  let started = 0;
  self.Worker = function PoolWorker() {
    started += 1;
    const worker = spawn('pool', started - 1);
    worker.addEventListener('message', ({ data }) => {
      if (data.type === 'lost') engineLost(data);
    });
    return worker;
  };
  try {
    await engine.initThreadPool(threads);
  } finally {
    self.Worker = BrowserWorker;
  }
}

// Has the page start a worker, and gives the port through which one speaks with it. The engine does not start it
// itself: in Firefox `new Worker` in a worker sometimes never returns. Its thread then waits to hear that the new
// worker is known to the debugger, for a signal that the new thread, waiting on the same condition variable,
// takes away. With three busy processes beside it on two cores, Firefox 153 hung in 22 of 30 workers that
// started eight others each, and never in a page that did.
function spawn(kind, index, to = null) {
  const { port1: near, port2: far } = new MessageChannel();
  const id = ++spawned;
  const name = `millrace ${kind} ${index + 1}`;
  self.postMessage({ event: { type: 'spawn', worker: id, kind, name, to }, port: far }, [far]);
  near.start();
  const terminate = () => {
    near.close();
    self.postMessage({ event: { type: 'end', worker: id } });
  };
  return Object.assign(near, { terminate });
}

function loadFailed(error) {
  const unsupported = error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError;
  fatal({
    kind: 'browser',
    message: `The engine could not be loaded: ${error?.message ?? error}.`,
    hint: unsupported
      ? 'The engine needs threads, SIMD and exceptions in WebAssembly: use a current Firefox, Chrome, Edge or Safari.'
      : 'Reload the page. If that does not help, the site may be incomplete or not sent with the headers that isolation needs.',
    position: null,
  });
}

function engineLost(error) {
  console.error(error?.stack || error);
  fatal({
    kind: 'internal',
    message: `The engine stopped: ${error?.message || error?.name || 'no reason was given'}.`,
    hint: 'It is started again; running queries are lost.',
    position: null,
  });
}

// Reports the end, once. The page stops all threads: after a trap nothing may run on this memory.
function fatal(error) {
  if (lost) return;
  lost = true;
  self.postMessage({ event: { type: 'fatal', error } });
  self.close();
}
