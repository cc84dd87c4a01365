// One connection: a WebSocket or server-sent events. Text is passed on as lines, binary messages as they are; nothing
// is sent.
//
// The first message is {port}, with the engine at its other end. There the only message is {kind, url}; what is
// passed on is in `connections.js`. The service worker gives this script a policy that allows connections to the
// origin in its address, if the user allowed that one; otherwise the browser refuses to connect.

const FLUSH_MILLIS = 10;
// The time before a lost connection is opened again: twice as long each time, up to half a minute.
const FIRST_PAUSE_MILLIS = 500;
const LONGEST_PAUSE_MILLIS = 30_000;
// A connection that holds so long was a good one.
const GOOD_MILLIS = 5_000;

const encoder = new TextEncoder();
let engine;
let address;
let blocked = false;
let attempts = 0;
let openedOnce = false;
let openedAt = 0;
let lostAt = 0;
let pieces = [];
let flushing = null;

self.onmessage = ({ data: { port } }) => {
  engine = port;
  engine.onmessage = ({ data }) => {
    address = data.url;
    if (data.kind === 'socket') openSocket();
    else openEvents();
  };
};

self.addEventListener('securitypolicyviolation', (event) => {
  if (!event.effectiveDirective.startsWith('connect-src')) return;
  blocked = true;
  refuse(
    `This page may not connect to ${new URL(address).host}.`,
    'Allow connections to it first. Where the browser runs no service worker, as in some private windows, that is not possible.',
  );
});

function openSocket() {
  let socket;
  try {
    socket = new WebSocket(address);
  } catch (error) {
    refuse(`${address} is no address of a WebSocket: ${error.message}`, 'It begins with ws:// or wss://.');
    return;
  }
  socket.binaryType = 'arraybuffer';
  socket.onopen = opened;
  socket.onmessage = ({ data }) => take(data);
  socket.onclose = ({ code, reason }) => {
    const words = [code === 1006 ? '' : `code ${code}`, reason].filter(Boolean).join(', ');
    again(words, openSocket);
  };
}

function openEvents() {
  const source = new EventSource(address);
  let hasIds = false;
  source.onopen = opened;
  source.onmessage = ({ data, lastEventId }) => {
    hasIds ||= lastEventId !== '';
    take(data);
  };
  source.onerror = () => {
    if (blocked) return source.close();
    if (source.readyState === EventSource.CLOSED) {
      // The browser does not try again after an answer that is none of server-sent events.
      again('the answer is no stream of events', openEvents);
    } else {
      // It tries again by itself, and tells the server the last event that it had.
      lost('', hasIds ? 'the server is asked for the events since the last one' : missing());
    }
  };
}

function opened() {
  openedAt = Date.now();
  if (openedOnce) notice(`connected again to ${address} after ${((openedAt - lostAt) / 1e3).toFixed(1)} s`);
  else notice(`connected to ${address}`);
  openedOnce = true;
}

function again(words, open) {
  if (blocked) return;
  if (openedAt > 0 && Date.now() - openedAt > GOOD_MILLIS) attempts = 0;
  const pause = Math.min(FIRST_PAUSE_MILLIS * 2 ** attempts, LONGEST_PAUSE_MILLIS);
  attempts += 1;
  const next = `it is tried again in ${(pause / 1e3).toFixed(1)} s`;
  if (openedAt > 0) lost(words, `${next}; ${missing()}`);
  else notice(`${address} cannot be reached${words && ` (${words})`}; ${next}`);
  openedAt = 0;
  setTimeout(open, pause);
}

function lost(words, next) {
  lostAt = Date.now();
  notice(`the connection to ${address} was lost${words && ` (${words})`}; ${next}`);
}

function missing() {
  return 'rows that are sent meanwhile are not in the result';
}

function take(data) {
  pieces.push(typeof data === 'string' ? encoder.encode(data) : data);
  flushing ??= setTimeout(flush, FLUSH_MILLIS);
}

// Passes on what has come, in its order.
function flush() {
  flushing = null;
  const taken = pieces;
  pieces = [];
  for (let at = 0; at < taken.length; ) {
    const isBinary = taken[at] instanceof ArrayBuffer;
    let end = at + 1;
    while (end < taken.length && taken[end] instanceof ArrayBuffer === isBinary) end += 1;
    const run = taken.slice(at, end);
    if (isBinary) engine.postMessage({ type: 'messages', messages: run }, run);
    else passLines(run);
    at = end;
  }
}

// Passes texts on together, each with a line end.
function passLines(texts) {
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length + 1, 0));
  let at = 0;
  for (const text of texts) {
    bytes.set(text, at);
    at += text.length;
    if (text.length > 0 && text.at(-1) !== 10) bytes[at++] = 10;
  }
  if (at > 0) engine.postMessage({ type: 'rows', bytes: bytes.slice(0, at) });
}

function notice(text) {
  engine.postMessage({ type: 'notice', text });
}

function refuse(text, hint) {
  engine.postMessage({ type: 'refused', text, hint });
}
