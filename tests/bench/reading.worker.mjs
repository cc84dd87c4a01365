// Reads a file as the engine worker does, split by split, and drops what was read. Answers {bytes}.
import { Readers } from '/worker/readers.js';

// As in `www/worker/engine.worker.js`, and the look-ahead as in `src/engine/stage/scan.rs`.
const READERS = 4;
const SPLIT_BYTES = 8 << 20;
const LOOK_AHEAD_BYTES = 64 << 10;
const PAGE_BYTES = 64 << 10;

let readers;
let slotBytes;

function start(slots) {
  slotBytes = SPLIT_BYTES + LOOK_AHEAD_BYTES + PAGE_BYTES;
  const pages = (slots * slotBytes) / PAGE_BYTES;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return new Readers(READERS, reader, memory);
}

function reader() {
  const worker = new Worker('/worker/reader.worker.js', { type: 'module' });
  const { port1: near, port2: far } = new MessageChannel();
  worker.postMessage({ port: far }, [far]);
  near.start();
  return Object.assign(near, { terminate: () => worker.terminate() });
}

self.onmessage = async ({ data: { file, threads } }) => {
  const slots = threads + Math.max(READERS, threads >> 1);
  readers ??= start(slots);
  let next = 0;
  let bytes = 0;
  const fill = async (slot) => {
    for (let split = next++; split * SPLIT_BYTES < file.size; split = next++) {
      const begin = Math.max(0, split * SPLIT_BYTES - 1);
      const end = Math.min(file.size, (split + 1) * SPLIT_BYTES + LOOK_AHEAD_BYTES);
      await readers.read(file, begin, end, slot * slotBytes);
      bytes += Math.min(file.size, (split + 1) * SPLIT_BYTES) - split * SPLIT_BYTES;
    }
  };
  await Promise.all(Array.from({ length: slots }, (_, slot) => fill(slot)));
  self.postMessage({ bytes });
};
