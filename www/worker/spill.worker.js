// Writes what memory does not hold to a private file of the browser, and reads it back.
//
// The first message is {port}, with the engine at its other end. There the first one is {memory}; each further
// one {id, action, offset, address, length} is answered by {id, length} with the number of bytes written or read,
// or by {id, error: {name, message}}; the name is `Missing` when the browser gives no file. {action: 'clear'}
// empties the file and is not answered.

import { openFile } from './spill.js';

const BUFFER_BYTES = 1 << 20;

let engine;
let memory;
// Not every browser lets a file read and write shared memory, so each piece passes through this buffer.
const buffer = new Uint8Array(BUFFER_BYTES);
let opened = null;
let last = Promise.resolve();

self.onmessage = ({ data: { port } }) => {
  engine = port;
  engine.onmessage = receive;
};

function receive({ data }) {
  if (data.memory) {
    memory = data.memory;
    return;
  }
  // One after the other, also while the file is being opened.
  last = last.then(() => (data.action === 'clear' ? clear() : answer(data)));
}

async function answer({ id, action, offset, address, length }) {
  try {
    opened ??= openFile();
    const file = await opened.catch((error) => {
      throw Object.assign(new Error(error.message), { name: 'Missing' });
    });
    const move = action === 'write' ? write : read;
    engine.postMessage({ id, length: move(file, offset, address, length) });
  } catch (error) {
    engine.postMessage({ id, error: { name: error.name, message: error.message } });
  }
}

function write(file, offset, address, length) {
  let done = 0;
  while (done < length) {
    const piece = buffer.subarray(0, Math.min(BUFFER_BYTES, length - done));
    piece.set(new Uint8Array(memory.buffer, address + done, piece.length));
    const written = file.write(piece, { at: offset + done });
    if (written === 0) break;
    done += written;
  }
  return done;
}

function read(file, offset, address, length) {
  let done = 0;
  while (done < length) {
    const piece = buffer.subarray(0, Math.min(BUFFER_BYTES, length - done));
    const got = file.read(piece, { at: offset + done });
    if (got === 0) break;
    new Uint8Array(memory.buffer, address + done, got).set(piece.subarray(0, got));
    done += got;
  }
  return done;
}

async function clear() {
  try {
    (await opened)?.truncate(0);
  } catch (error) {
    // The file is removed when its tab has ended; until then it is only larger than it has to be.
    console.warn(`The file for what memory does not hold could not be emptied: ${error.message}`);
  }
}
