// A thread of the engine's rayon pool: joins the engine's memory and computes until it is ended.

import init, { runPoolThread } from './engine.js';

self.onmessage = async ({ data: { module, memory, stackBytes } }) => {
  try {
    await init({ module_or_path: module, memory, thread_stack_size: stackBytes });
    self.postMessage({ type: 'up' });
    runPoolThread();
  } catch (error) {
    // A trap has left the engine's memory in a state that nobody can vouch for.
    self.postMessage({ type: 'lost', name: error.name, message: error.message, stack: error.stack });
  }
};
