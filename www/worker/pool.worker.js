// A thread of the engine's rayon pool: joins the engine's memory and computes until it is ended.
//
// It takes the place of the worker that wasm-bindgen-rayon would start, and speaks with its
// `startWorkers` as that one does, through the port that it is given first.

const STACK_BYTES = 4 << 20;

self.onmessage = ({ data: { port } }) => {
  port.onmessage = ({ data }) => start(data, port);
};

async function start(data, port) {
  try {
    const { default: init, wbg_rayon_start_worker: run } = await import('./engine.js');
    await init({ module_or_path: data.module, memory: data.memory, thread_stack_size: STACK_BYTES });
    port.postMessage({ type: 'wasm_bindgen_worker_ready' });
    run(data.receiver);
  } catch (error) {
    // A trap has left the engine's memory in a state that nobody can vouch for.
    port.postMessage({ type: 'lost', name: error.name, message: error.message, stack: error.stack });
  }
}
