// The reader workers as the engine sees them: a read is a promise of the number of bytes written.

// The next request waits at the reader, so that it need not wait for our answer to the last one.
const REQUESTS_PER_READER = 2;

export class Readers {
  #readers;
  #queue = [];
  #pending = new Map();
  #lastId = 0;

  constructor(workers, memory) {
    this.#readers = workers.map((worker) => ({ worker, busy: 0 }));
    for (const reader of this.#readers) {
      reader.worker.postMessage({ memory });
      reader.worker.addEventListener('message', ({ data }) => this.#answered(reader, data));
    }
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
      if (reader.busy >= REQUESTS_PER_READER) return;
      const { resolve, reject, ...request } = this.#queue.shift();
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      reader.busy += 1;
      reader.worker.postMessage({ id, ...request });
    }
  }

  #answered(reader, { id, bytes, error }) {
    const { resolve, reject } = this.#pending.get(id);
    this.#pending.delete(id);
    reader.busy -= 1;
    if (error) reject(Object.assign(new Error(error.message), { name: error.name }));
    else resolve(bytes);
    this.#send();
  }
}
