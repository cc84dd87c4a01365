// The storage for what memory does not hold, as the engine sees it: the browser's private files for this site
// (OPFS). A file belongs to one engine and is locked by name as long as its worker lives, so that the files of
// tabs that ended are known and removed.

const FOLDER = 'millrace-spill';

export class Spill {
  #start;
  #worker = null;
  #memory;
  #pending = new Map();
  #lastId = 0;

  // `start()` starts the worker, which happens when something is first written.
  constructor(start, memory) {
    this.#start = start;
    this.#memory = memory;
  }

  // Writes `length` bytes at `address` of the engine's memory to the file, from `offset` on. They have to stay
  // as they are until the promise settles. Gives the number of bytes written.
  write(offset, address, length) {
    return this.#ask({ action: 'write', offset, address, length });
  }

  // The same from the file to the memory.
  read(offset, address, length) {
    return this.#ask({ action: 'read', offset, address, length });
  }

  // Makes the file empty, after what was asked before.
  clear() {
    this.#worker?.postMessage({ action: 'clear' });
  }

  #ask(request) {
    if (!this.#worker) {
      this.#worker = this.#start();
      this.#worker.postMessage({ memory: this.#memory });
      this.#worker.addEventListener('message', ({ data }) => this.#answered(data));
    }
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request });
    });
  }

  #answered({ id, length, error }) {
    const { resolve, reject } = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) reject(Object.assign(new Error(error.message), { name: error.name }));
    else resolve(length);
  }
}

// Whether the browser has private files: some have none in private windows.
export async function hasPrivateFiles() {
  try {
    await navigator.storage.getDirectory();
    return true;
  } catch {
    return false;
  }
}

// Makes a file of this worker's own and gives its handle.
export async function openFile() {
  const folder = await openFolder(true);
  const name = crypto.randomUUID();
  await new Promise((resolve, reject) => {
    const untilTheWorkerEnds = () => {
      resolve();
      return new Promise(() => {});
    };
    navigator.locks.request(lockOf(name), untilTheWorkerEnds).catch(reject);
  });
  const file = await folder.getFileHandle(name, { create: true });
  return file.createSyncAccessHandle();
}

// Removes the files whose workers have ended.
export async function removeStaleFiles() {
  const folder = await openFolder(false);
  const names = [];
  for await (const name of folder.keys()) names.push(name);
  for (const name of names) {
    await navigator.locks.request(lockOf(name), { ifAvailable: true }, async (lock) => {
      if (lock) await folder.removeEntry(name);
    });
  }
}

async function openFolder(create) {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create });
}

function lockOf(name) {
  return `${FOLDER}/${name}`;
}
