// Reads stretches of files into the engine's shared memory, one at a time.
//
// The first message is {port}, with the engine at its other end. There the first one is {memory}; each further
// one {id, file, start, end, onTo, goesOn, address} is answered by {id, bytes} with the number of bytes written,
// fewer than asked for when the file has become shorter, or by {id, error: {name, message}}. Who asks says with
// `onTo` how far the next messages will probably read on, and with `goesOn` that this one does.

const BUFFER_BYTES = 1 << 20;
// How much of what was read is kept for a message that begins a little before the last one's end.
const TAIL_BYTES = 128 << 10;
// When nobody has read on for so long, nobody will.
const IDLE_MILLIS = 2000;
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
// The part of a file that is being read, with all that belongs to it. Chromium collects the stream of a part of a
// file as garbage while a read of it is pending, when nothing else refers to it; the read then never ends. That
// happened about once in twelve scans of a gigabyte.
let current = null;
// The last bytes that were read of it, and where they end in the file.
const tail = { bytes: new Uint8Array(TAIL_BYTES), length: 0, end: 0 };
let idle;

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

async function answer({ id, file, ...stretch }) {
  try {
    engine.postMessage({ id, bytes: await read(file, stretch) });
  } catch (failure) {
    close();
    const error = await reason(file, stretch.start, failure);
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

async function read(file, { start, end, onTo, goesOn, address }) {
  clearTimeout(idle);
  const canGoOn = goesOn && current !== null && end >= tail.end && end <= current.until
    && start <= tail.end && start >= tail.end - tail.length;
  let at = start;
  if (canGoOn) {
    const known = tail.bytes.subarray(tail.length - (tail.end - start), tail.length);
    new Uint8Array(memory.buffer, address, known.length).set(known);
    at = tail.end;
  } else {
    open(file, start, end, onTo);
  }
  let patience = PATIENCE_MILLIS;
  while (at < end) {
    const piece = await withPatience(current.next(end - at), patience);
    if (piece === TOO_LATE) {
      if (patience > PATIENCE_LIMIT_MILLIS) throw new Error('no bytes have come for a long time');
      patience *= 2;
      open(file, at, end, onTo);
      continue;
    }
    if (!piece) break;
    if (at + piece.length > end) throw new RangeError('the file gave more than was asked for');
    // `memory.buffer` is asked for each time because it is another object after the memory has grown.
    new Uint8Array(memory.buffer, address + (at - start), piece.length).set(piece);
    at += piece.length;
  }
  if (at === end && current.until > end) {
    tail.length = Math.min(TAIL_BYTES, end - start);
    tail.end = end;
    tail.bytes.set(new Uint8Array(memory.buffer, address + (end - start) - tail.length, tail.length));
    idle = setTimeout(close, IDLE_MILLIS);
  } else {
    close();
  }
  return at - start;
}

// Begins to read a part of a file, up to `end` or on from there up to `onTo`. `current.next(most)` gives its next
// piece, or null at its end.
function open(file, start, end, onTo) {
  close();
  let until = Math.max(end, onTo);
  let part = file.slice(start, until);
  let stream = part.stream();
  let reader;
  let byob = true;
  try {
    reader = stream.getReader({ mode: 'byob' });
  } catch {
    // A browser whose blobs are not byte streams allocates the pieces itself, as long as it likes.
    byob = false;
    until = end;
    part = file.slice(start, until);
    stream = part.stream();
    reader = stream.getReader();
  }
  const opened = {
    part,
    stream,
    reader,
    until,
    pending: null,
    async next(most) {
      if (!byob) {
        opened.pending = reader.read();
        return (await opened.pending).value ?? null;
      }
      const lent = buffer.byteLength === 0 ? new ArrayBuffer(BUFFER_BYTES) : buffer;
      opened.pending = reader.read(new Uint8Array(lent, 0, Math.min(most, BUFFER_BYTES)));
      const { done, value } = await opened.pending;
      if (value && opened === current) buffer = value.buffer;
      return done ? null : value;
    },
  };
  current = opened;
}

function close() {
  clearTimeout(idle);
  // A stream that has failed is at its end as well.
  current?.reader.cancel().catch(() => {});
  current = null;
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
