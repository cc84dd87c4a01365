// Connections as the engine sees them. Each has a worker of its own, whose content security policy lets it connect
// to the one origin that the user allowed, and which is given nothing but the address.

export class Connections {
  #start;
  #count = 0;

  // `start(index, origin)` starts a connection's worker.
  constructor(start) {
    this.#start = start;
  }

  // Connects by a `socket` or `events`. `hear` gets {type: 'rows', bytes} for text, {type: 'messages', messages} for
  // binary messages as ArrayBuffers, {type: 'notice', text} and {type: 'refused', text, hint}. Returns an object whose `close` ends the connection.
  open(kind, url, hear) {
    this.#count += 1;
    const worker = this.#start(this.#count, new URL(url).origin);
    worker.addEventListener('message', ({ data }) => hear(data));
    worker.postMessage({ kind, url });
    return {
      close() {
        worker.terminate();
      },
    };
  }
}
