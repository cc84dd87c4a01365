// Servers whose rows do not end: a WebSocket and server-sent events.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

// RFC 6455, 1.3.
const WEBSOCKET_KEY = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * Serves `/socket`, `/events` and `/numbered` on a free port. What is given to `send` goes to all that are connected to
 * the first two, and what is given to `tell` as a numbered event to those at the third, which gives those that come
 * again what they have missed; `drop` ends all connections, and `refuse(true)` takes no new ones.
 */
export async function live() {
  const sockets = new Set();
  const events = new Set();
  const numbered = new Set();
  const told = [];
  const numberedEvent = (text, number) => `id: ${number}\ndata: ${text}\n\n`;
  let refused = false;
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (refused) return response.destroy();
    if (request.url === '/plain') return response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/plain' }).end('no events');
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    response.write('retry: 200\n\n');
    const listening = request.url === '/numbered' ? numbered : events;
    const missed = told.slice(Number(request.headers['last-event-id'] ?? told.length));
    if (listening === numbered) missed.forEach((text, index) => response.write(numberedEvent(text, told.length - missed.length + index + 1)));
    listening.add(response);
    response.on('close', () => listening.delete(response));
  });
  server.on('upgrade', (request, socket) => {
    asked += 1;
    if (refused) return socket.destroy();
    const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + WEBSOCKET_KEY).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    // A browser says that it closes, and waits for the server to do so.
    socket.on('data', (bytes) => (bytes[0] & 0x0f) === 8 && socket.end());
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    socketUrl: `ws://127.0.0.1:${port}/socket`,
    eventsUrl: `http://127.0.0.1:${port}/events`,
    numberedUrl: `http://127.0.0.1:${port}/numbered`,
    plainUrl: `http://127.0.0.1:${port}/plain`,
    get asked() { return asked; },
    get connected() { return sockets.size + events.size + numbered.size; },
    /** A text, or bytes for a binary message of WebSockets. */
    send(message) {
      for (const socket of sockets) socket.write(frame(message));
      if (typeof message !== 'string') return;
      const text = message;
      for (const response of events) response.write(`${text.split('\n').map((line) => `data: ${line}`).join('\n')}\n\n`);
    },
    tell(text) {
      told.push(text);
      for (const response of numbered) response.write(numberedEvent(text, told.length));
    },
    drop() {
      for (const socket of sockets) socket.destroy();
      for (const response of [...events, ...numbered]) response.destroy();
    },
    refuse(is) {
      refused = is;
    },
    close() {
      this.drop();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A whole message, as servers send it (RFC 6455, 5.2). */
function frame(message) {
  const payload = Buffer.from(message);
  const isLong = payload.length > 125;
  const header = Buffer.alloc(isLong ? 4 : 2);
  header[0] = typeof message === 'string' ? 0x81 : 0x82;
  header[1] = isLong ? 126 : payload.length;
  if (isLong) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}
