// The reader workers as the engine sees them: a read is a promise of the number of bytes written.

// The next request waits at the reader, so that it need not wait for our answer to the last one.
const REQUESTS_PER_READER = 2;
// A reader that has read so often is replaced by a new one. Chromium keeps memory of every stream that was
// read to its end until garbage is collected, and a worker that allocates little hardly ever does that: with
// 8 MiB a read, memory grew by some 10 MB a gigabyte.
const READS_PER_WORKER = 64;
// A read goes on where the same reader's last one ended when it begins at most so far before that.
const TAIL_BYTES = 128 << 10;

export class Readers {
  #readers;
  #queue = [];
  #pending = new Map();
  #lastId = 0;
  #memory;

  // `start(index)` starts a reader worker.
  constructor(count, start, memory) {
    this.#memory = memory;
    this.#readers = Array.from({ length: count }, (_, index) => this.#renewed({ start: () => start(index) }));
  }

  // Reads bytes `start` to `end` of `file` to `address` in the engine's memory, which has to stay
  // reserved until the promise settles. Gives fewer bytes when the file has become shorter. The next reads will
  // probably go on from there up to `onTo`: they are given to the same reader, which need not open the file anew.
  read(file, start, end, onTo, address) {
    return new Promise((resolve, reject) => {
      this.#queue.push({ file, start, end, onTo, address, resolve, reject });
      this.#send();
    });
  }

  #send() {
    const waiting = [];
    for (const wish of this.#queue) {
      const reader = this.#readerFor(wish);
      if (reader) this.#give(reader, wish);
      else waiting.push(wish);
    }
    this.#queue = waiting;
  }

  // The reader that a wish goes on with, even if it has to wait for it; otherwise the least busy one, if it has
  // room, and of several one that nobody else will probably go on with.
  #readerFor(wish) {
    const going = this.#readers.find((reader) => goesOn(reader, wish));
    if (going) return hasRoom(going) ? going : undefined;
    const cost = (reader) => 2 * reader.busy + (reader.at < reader.until ? 1 : 0);
    const least = this.#readers.reduce((least, each) => (cost(each) < cost(least) ? each : least));
    return hasRoom(least) ? least : undefined;
  }

  #give(reader, { resolve, reject, ...wish }) {
    const id = ++this.#lastId;
    this.#pending.set(id, { resolve, reject });
    reader.worker.postMessage({ id, ...wish, goesOn: goesOn(reader, wish) });
    const { file, end, onTo } = wish;
    const until = goesOn(reader, wish) ? reader.until : Math.max(end, onTo);
    Object.assign(reader, { busy: reader.busy + 1, file, at: end, until });
  }

  // Gives a reader a new worker.
  #renewed(reader) {
    const worker = reader.start();
    worker.postMessage({ memory: this.#memory });
    worker.addEventListener('message', ({ data }) => this.#answered(reader, data));
    return Object.assign(reader, { worker, busy: 0, reads: 0, file: null, at: 0, until: 0 });
  }

  #answered(reader, { id, bytes, error }) {
    const { resolve, reject } = this.#pending.get(id);
    this.#pending.delete(id);
    reader.busy -= 1;
    if (++reader.reads >= READS_PER_WORKER && reader.busy === 0) {
      reader.worker.terminate();
      this.#renewed(reader);
    }
    if (error) reject(Object.assign(new Error(error.message), { name: error.name }));
    else resolve(bytes);
    this.#send();
  }
}

function goesOn(reader, { file, start, end }) {
  return reader.file === file && start <= reader.at && start >= reader.at - TAIL_BYTES && end > reader.at
    && end <= reader.until;
}

// One that is due to be replaced ends what it has begun.
function hasRoom(reader) {
  const due = reader.reads + reader.busy >= READS_PER_WORKER;
  return reader.busy < (due ? 1 : REQUESTS_PER_READER);
}
