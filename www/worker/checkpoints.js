// Checkpoints of streams, as the engine sees them: bytes under a name, in the browser's private files. A worker
// of their own reads and writes them; it is started when the first stream has a checkpoint.

export class Checkpoints {
  #start;
  #worker = null;
  #pending = new Map();
  #lastId = 0;

  // `start()` starts the worker.
  constructor(start) {
    this.#start = start;
  }

  // Takes a name, which no other tab has until it is closed. Fails with an error named `Taken`.
  open(name) {
    return this.#ask({ action: 'open', name });
  }

  // The newest bytes under an open name as an Uint8Array, or null.
  read(name) {
    return this.#ask({ action: 'read', name });
  }

  // Keeps bytes under an open name. The ones before stay until the new ones are on the disk.
  write(name, bytes) {
    return this.#ask({ action: 'write', name, bytes }, [bytes.buffer]);
  }

  // Gives a name back.
  close(name) {
    this.#ask({ action: 'close', name }).catch(() => {});
  }

  // Removes what is kept under a name that nobody has open. Fails with an error named `Taken`.
  remove(name) {
    return this.#ask({ action: 'remove', name });
  }

  #ask(request, transfer = []) {
    if (!this.#worker) {
      this.#worker = this.#start();
      this.#worker.addEventListener('message', ({ data }) => this.#answered(data));
    }
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request }, transfer);
    });
  }

  #answered({ id, value = null, error }) {
    const { resolve, reject } = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) reject(Object.assign(new Error(error.message), { name: error.name }));
    else resolve(value);
  }
}
