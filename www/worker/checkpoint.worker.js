// Keeps checkpoints of streams in private files (OPFS), so that one that was being written when the tab ended
// does no harm.
//
// The first message is {port}, with the engine at its other end. There each message {id, action, name, bytes?} is
// answered by {id, value?} or {id, error: {name, message}}; the actions are those of `checkpoints.js`.
//
// Each name has two files, written in turn. A file begins with a mark (8 bytes), its number (float, 8 bytes) and
// the length of what follows (float, 8 bytes). The mark is taken away before anything is written, and put back
// when all of it is on the disk: the file with a mark and the higher number holds the newest checkpoint.

const FOLDER = 'millrace-checkpoints';
const HEADER_BYTES = 24;
const MARK = 0x6d696c6c72616365n;
// A tab that was closed or loaded anew gives its names back a moment later.
const LOCK_MILLIS = 5000;

let engine;
const open = new Map();
let last = Promise.resolve();

self.onmessage = ({ data: { port } }) => {
  engine = port;
  engine.onmessage = ({ data }) => {
    // One after the other.
    last = last.then(() => answer(data));
  };
};

const actions = { open: take, read, write, close, remove };

async function answer({ id, action, name, bytes }) {
  try {
    const value = await actions[action](name, bytes);
    engine.postMessage({ id, value }, value ? [value.buffer] : []);
  } catch (error) {
    engine.postMessage({ id, error: { name: error.name, message: error.message } });
  }
}

async function take(name) {
  const release = await lock(name);
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    const files = [];
    for (const ending of ['a', 'b']) {
      const handle = await folder.getFileHandle(`${fileName(name)}.${ending}`, { create: true });
      files.push(await handle.createSyncAccessHandle());
    }
    open.set(name, { files, release, numbers: files.map(numberOf) });
  } catch (error) {
    release();
    throw error;
  }
}

function read(name) {
  const { files, numbers } = of(name);
  const newest = numbers[0] > numbers[1] ? 0 : 1;
  if (numbers[newest] === 0) return null;
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  files[newest].read(header, { at: 0 });
  const bytes = new Uint8Array(header.getFloat64(16));
  files[newest].read(bytes, { at: HEADER_BYTES });
  return bytes;
}

function write(name, bytes) {
  const { files, numbers } = of(name);
  const older = numbers[0] > numbers[1] ? 1 : 0;
  const file = files[older];
  const number = Math.max(...numbers) + 1;
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  numbers[older] = 0;
  all(file.write(header, { at: 0 }), HEADER_BYTES);
  file.flush();
  file.truncate(HEADER_BYTES + bytes.length);
  all(file.write(bytes, { at: HEADER_BYTES }), bytes.length);
  file.flush();
  header.setBigUint64(0, MARK);
  header.setFloat64(8, number);
  header.setFloat64(16, bytes.length);
  all(file.write(header, { at: 0 }), HEADER_BYTES);
  file.flush();
  numbers[older] = number;
}

function close(name) {
  const taken = open.get(name);
  if (!taken) return;
  open.delete(name);
  for (const file of taken.files) file.close();
  taken.release();
}

async function remove(name) {
  const release = await lock(name);
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    for (const ending of ['a', 'b']) {
      await folder.removeEntry(`${fileName(name)}.${ending}`).catch((error) => {
        if (error.name !== 'NotFoundError') throw error;
      });
    }
  } finally {
    release();
  }
}

// Resolves to a function that gives the lock back.
function lock(name) {
  return new Promise((resolve, reject) => {
    const held = () => new Promise((release) => resolve(release));
    const signal = AbortSignal.timeout(LOCK_MILLIS);
    navigator.locks.request(`${FOLDER}/${name}`, { signal }, held).catch((error) => {
      const isTaken = error.name === 'TimeoutError' || error.name === 'AbortError';
      reject(isTaken ? Object.assign(new Error('the name is taken'), { name: 'Taken' }) : error);
    });
  });
}

function of(name) {
  const taken = open.get(name);
  if (!taken) throw new Error('nobody has opened it');
  return taken;
}

// The number of the checkpoint that a file holds; 0 when it holds no whole one.
function numberOf(file) {
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  const isThere = file.read(header, { at: 0 }) === HEADER_BYTES && header.getBigUint64(0) === MARK;
  const isWhole = isThere && file.getSize() === HEADER_BYTES + header.getFloat64(16);
  return isWhole ? header.getFloat64(8) : 0;
}

function all(written, wanted) {
  if (written < wanted) throw Object.assign(new Error('the disk is full'), { name: 'QuotaExceededError' });
}

function fileName(name) {
  return encodeURIComponent(name);
}
