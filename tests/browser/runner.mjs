// A small runner: topics are functions that call `t.test(name, body)` one after another.
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds after which a test has failed; what it waits for may then never come. */
const LIMIT_MILLIS = 120_000;

/** Collects passes and failures and prints them as they come. */
export class Runner {
  passed = 0;
  failed = 0;
  #only;
  #topic = '';

  /** @param {string[]} only run tests whose `topic: name` contains one of these; all when empty */
  constructor(only = []) {
    this.#only = only;
  }

  /** Whether a test of this topic may run at all, so that nothing is started for the others. */
  wantsTopic(topic) {
    return this.#only.length === 0 || this.#only.some((word) => topic.startsWith(word.split(':')[0]));
  }

  /** Runs a topic. A failure outside of its tests counts as one. */
  async topic(name, body, context) {
    this.#topic = name;
    try {
      await body(this, context);
    } catch (error) {
      this.#fail('the topic itself', error);
    }
  }

  /** Runs one test; it may return a few words to print behind its name. */
  async test(name, body) {
    const full = `${this.#topic}: ${name}`;
    if (this.#only.length > 0 && !this.#only.some((word) => full.startsWith(word))) return;
    const start = performance.now();
    try {
      const words = await Promise.race([body(), late()]);
      this.passed += 1;
      const seconds = ((performance.now() - start) / 1e3).toFixed(1);
      console.log(`ok      ${full} (${seconds} s)${words ? `: ${words}` : ''}`);
    } catch (error) {
      this.#fail(name, error);
    }
  }

  #fail(name, error) {
    this.failed += 1;
    // Frames inside wasm say little and are many.
    const lines = String(error?.stack ?? error).split('\n').filter((line) => !/_bg\.wasm:|\.wasm\./.test(line));
    console.log(`FAILED  ${this.#topic}: ${name}\n${lines.join('\n').replace(/^/gm, '        ')}`);
  }
}

async function late() {
  await sleep(LIMIT_MILLIS, undefined, { ref: false });
  throw new Error(`it was not done after ${LIMIT_MILLIS / 1e3} s`);
}
