// Reads a file as the engine worker does, split by split, and drops what was read. Answers {bytes}.
import { Readers } from '/worker/readers.js';

// As in `www/worker/engine.worker.js`, and the look-ahead as in `src/engine/stage/scan.rs`.
const READERS = 4;
const SPLIT_BYTES = 8 << 20;
const LOOK_AHEAD_BYTES = 64 << 10;
const PAGE_BYTES = 64 << 10;
// As in `src/engine/source/split.rs`: neighbouring splits that one reader reads, and how many such stretches are read
// side by side.
const STRETCH_SPLITS = 4;

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

// Stretches of neighbours, as many side by side as there are readers.
function visitingOrder(count) {
  const place = (split) => {
    const stretch = Math.floor(split / STRETCH_SPLITS);
    return [Math.floor(stretch / READERS), split % STRETCH_SPLITS, stretch % READERS];
  };
  const order = Array.from({ length: count }, (_, split) => ({ split, key: place(split) }));
  const differing = (a, b) => a.key.map((part, index) => part - b.key[index]).find((difference) => difference !== 0);
  return order.sort((a, b) => differing(a, b) ?? 0).map(({ split }) => split);
}

self.onmessage = async ({ data: { file, threads } }) => {
  const slots = threads + Math.max(READERS, threads >> 1) - 1;
  readers ??= start(slots);
  const splits = visitingOrder(Math.ceil(file.size / SPLIT_BYTES));
  let bytes = 0;
  const fill = async (slot) => {
    for (let split = splits.shift(); split !== undefined; split = splits.shift()) {
      const begin = Math.max(0, split * SPLIT_BYTES - 1);
      const endOf = (split) => Math.min(file.size, (split + 1) * SPLIT_BYTES + LOOK_AHEAD_BYTES);
      const onTo = endOf(split - (split % STRETCH_SPLITS) + STRETCH_SPLITS - 1);
      await readers.read(file, begin, endOf(split), onTo, slot * slotBytes);
      bytes += Math.min(file.size, (split + 1) * SPLIT_BYTES) - split * SPLIT_BYTES;
    }
  };
  await Promise.all(Array.from({ length: slots }, (_, slot) => fill(slot)));
  self.postMessage({ bytes });
};
