// A thread of the engine's rayon pool: joins the engine's memory and computes until it is ended.
//
// It takes the place of the worker that wasm-bindgen-rayon would start, and speaks with its
// `startWorkers` as that one does.

const STACK_BYTES = 4 << 20;

self.onmessage = async ({ data }) => {
  if (data?.type !== 'wasm_bindgen_worker_init') return;
  try {
    // Not imported before: wasm-bindgen-rayon's own script comes with it, and would take this message
    // as meant for itself.
    const { default: init, wbg_rayon_start_worker: run } = await import('./engine.js');
    await init({ module_or_path: data.module, memory: data.memory, thread_stack_size: STACK_BYTES });
    self.postMessage({ type: 'wasm_bindgen_worker_ready' });
    run(data.receiver);
  } catch (error) {
    // A trap has left the engine's memory in a state that nobody can vouch for.
    self.postMessage({ type: 'lost', name: error.name, message: error.message, stack: error.stack });
  }
};
