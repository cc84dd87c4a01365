// Reads stretches of files into the engine's shared memory, one at a time.
//
// The first message is {memory}; each further one {id, file, start, end, address} is answered by
// {id, bytes} with the number of bytes written, fewer than asked for when the file has become shorter,
// or by {id, error: {name, message}}.

const BUFFER_BYTES = 1 << 20;

let memory;
// Streams refuse shared memory, so each piece passes through this buffer. It is lent to the stream
// and comes back with every piece.
let buffer = new ArrayBuffer(BUFFER_BYTES);
let last = Promise.resolve();

self.onmessage = ({ data }) => {
  if (data.memory) {
    memory = data.memory;
    return;
  }
  last = last.then(() => answer(data));
};

async function answer({ id, file, start, end, address }) {
  try {
    self.postMessage({ id, bytes: await read(file, start, end, address) });
  } catch (failure) {
    const error = await reason(file, start, failure);
    self.postMessage({ id, error: { name: error.name, message: error.message } });
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
  const next = open(file.slice(start, end).stream());
  let written = 0;
  for (;;) {
    const piece = await next();
    if (!piece) return written;
    if (written + piece.length > wanted) throw new RangeError('the file gave more than was asked for');
    // `memory.buffer` is asked for each time because it is another object after the memory has grown.
    new Uint8Array(memory.buffer, address + written, piece.length).set(piece);
    written += piece.length;
  }
}

// A function that gives the next piece of the stream, or null at its end.
function open(stream) {
  let reader;
  try {
    reader = stream.getReader({ mode: 'byob' });
  } catch {
    // A browser whose blobs are not byte streams allocates the pieces itself.
    reader = stream.getReader();
    return async () => (await reader.read()).value ?? null;
  }
  return async () => {
    if (buffer.byteLength === 0) buffer = new ArrayBuffer(BUFFER_BYTES);
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (value) buffer = value.buffer;
    return done ? null : value;
  };
}
