// Reads stretches of files into the engine's shared memory, one at a time.
//
// The first message is {port}, with the engine at its other end. There the first one is {memory}; each further
// one {id, file, start, end, address} is answered by {id, bytes} with the number of bytes written, fewer than
// asked for when the file has become shorter, or by {id, error: {name, message}}.

const BUFFER_BYTES = 1 << 20;
// How long a piece may take before the rest is asked for anew, at first; twice as long each time after.
const PATIENCE_MILLIS = 4000;
const PATIENCE_LIMIT_MILLIS = 60_000;
const TOO_LATE = Symbol('too late');

let engine;
let memory;
// Streams refuse shared memory, so each piece passes through this buffer. It is lent to the stream
// and comes back with every piece.
let buffer = new ArrayBuffer(BUFFER_BYTES);
let last = Promise.resolve();
// What is being read, with all that belongs to it. Chromium collects the stream of a part of a file as
// garbage while a read of it is pending, when nothing else refers to it; the read then never ends. That
// happened about once in twelve scans of a gigabyte.
let current = null;

self.onmessage = ({ data: { port } }) => {
  engine = port;
  engine.onmessage = receive;
};

function receive({ data }) {
  if (data.memory) {
    memory = data.memory;
    return;
  }
  last = last.then(() => answer(data));
}

async function answer({ id, file, start, end, address }) {
  try {
    engine.postMessage({ id, bytes: await read(file, start, end, address) });
  } catch (failure) {
    const error = await reason(file, start, failure);
    engine.postMessage({ id, error: { name: error.name, message: error.message } });
  }
}

// Why a read failed. A stream of a file that has changed or vanished ends in a TypeError that says
// nothing; reading it in one piece names the reason.
async function reason(file, start, failure) {
  try {
    await file.slice(start, start + 1).arrayBuffer();
    return failure;
  } catch (error) {
    return error;
  }
}

async function read(file, start, end, address) {
  const wanted = end - start;
  let written = 0;
  let patience = PATIENCE_MILLIS;
  open(file.slice(start, end));
  for (;;) {
    const piece = await withPatience(current.next(), patience);
    if (piece === TOO_LATE) {
      if (patience > PATIENCE_LIMIT_MILLIS) throw new Error('no bytes have come for a long time');
      patience *= 2;
      open(file.slice(start + written, end));
      continue;
    }
    if (!piece) {
      current = null;
      return written;
    }
    if (written + piece.length > wanted) throw new RangeError('the file gave more than was asked for');
    // `memory.buffer` is asked for each time because it is another object after the memory has grown.
    new Uint8Array(memory.buffer, address + written, piece.length).set(piece);
    written += piece.length;
  }
}

// Begins to read a part of a file. `current.next()` gives its next piece, or null at its end.
function open(part) {
  const stream = part.stream();
  let reader;
  let byob = true;
  try {
    reader = stream.getReader({ mode: 'byob' });
  } catch {
    // A browser whose blobs are not byte streams allocates the pieces itself.
    reader = stream.getReader();
    byob = false;
  }
  const opened = {
    part,
    stream,
    reader,
    pending: null,
    async next() {
      if (!byob) {
        opened.pending = reader.read();
        return (await opened.pending).value ?? null;
      }
      const lent = buffer.byteLength === 0 ? new ArrayBuffer(BUFFER_BYTES) : buffer;
      opened.pending = reader.read(new Uint8Array(lent));
      const { done, value } = await opened.pending;
      if (value && opened === current) buffer = value.buffer;
      return done ? null : value;
    },
  };
  current = opened;
}

// The piece, or `TOO_LATE` when it has not come in time.
async function withPatience(piece, millis) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, millis, TOO_LATE);
  });
  try {
    return await Promise.race([piece, late]);
  } finally {
    clearTimeout(timer);
  }
}
