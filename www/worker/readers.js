// The reader workers as the engine sees them: a read is a promise of the number of bytes written.

// The next request waits at the reader, so that it need not wait for our answer to the last one.
const REQUESTS_PER_READER = 2;
// A reader that has read so often is replaced by a new one. Chromium keeps memory of every stream that was
// read to its end until garbage is collected, and a worker that allocates little hardly ever does that: with
// 8 MiB a read, memory grew by some 10 MB a gigabyte.
const READS_PER_WORKER = 64;

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
  // reserved until the promise settles. Gives fewer bytes when the file has become shorter.
  read(file, start, end, address) {
    return new Promise((resolve, reject) => {
      this.#queue.push({ file, start, end, address, resolve, reject });
      this.#send();
    });
  }

  #send() {
    while (this.#queue.length > 0) {
      const reader = this.#readers.reduce((least, each) => (each.busy < least.busy ? each : least));
      const due = reader.reads + reader.busy >= READS_PER_WORKER;
      if (reader.busy >= (due ? 1 : REQUESTS_PER_READER)) return;
      const { resolve, reject, ...request } = this.#queue.shift();
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      reader.busy += 1;
      reader.worker.postMessage({ id, ...request });
    }
  }

  // Gives a reader a new worker.
  #renewed(reader) {
    const worker = reader.start();
    worker.postMessage({ memory: this.#memory });
    worker.addEventListener('message', ({ data }) => this.#answered(reader, data));
    return Object.assign(reader, { worker, busy: 0, reads: 0 });
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
