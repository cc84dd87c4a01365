// The built page under test.
import { filesFromDisk } from './chromium.mjs';

/** Milliseconds that loading and compiling the engine may take on a loaded machine. */
const BOOT_MILLIS = 120_000;

/** A page of its own, with everything on it that a browser says about errors. */
export class App {
  /** Messages of the console that are errors, and exceptions that nobody caught. */
  errors = [];
  /** Addresses that were asked for. */
  requests = [];

  constructor(context, page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && this.errors.push(message.text()));
    page.on('request', (request) => this.requests.push(request.url()));
  }

  /** Opens an address and waits until `window.millrace` is there, but not for the engine. */
  static async open(browser, address, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    await page.addInitScript(() => {
      window.longTasks = [];
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ startTime, duration });
      }).observe({ type: 'longtask', buffered: true });
    });
    const app = new App(context, page);
    await page.goto(address);
    // Without the host's headers the page loads itself anew, which may interrupt the wait.
    await page.waitForFunction(() => window.millrace !== undefined, undefined, { timeout: BOOT_MILLIS });
    return app;
  }

  /** Opens an address and waits for the engine. */
  static async ready(browser, address, options) {
    const app = await App.open(browser, address, options);
    app.info = await app.page.evaluate(() => window.millrace.ready);
    return app;
  }

  /** Adds files from disk: as one table when it is named, or else each as a table of its own. */
  async addFiles(paths, table) {
    const files = await filesFromDisk(this.page, paths);
    return this.#told(([files, table]) => window.millrace.addFiles(files, table ? { table } : {}), [files, table]);
  }

  /** Adds files that exist only in the browser; `parts` are texts, repeated if they say so. */
  async addText(name, parts, table) {
    return this.#told(([name, parts, table]) => {
      const strings = parts.map((part) => (typeof part === 'string' ? part : part.text.repeat(part.times)));
      return window.millrace.addFiles([new File(strings, name)], table ? { table } : {});
    }, [name, parts, table]);
  }

  /** Runs a query; snapshots are only counted. */
  async query(sql) {
    return this.#told(async (sql) => {
      const fractions = [];
      const start = performance.now();
      const onSnapshot = ({ fraction }) => fractions.push(fraction);
      const result = await window.millrace.query(sql, { onSnapshot });
      const end = performance.now();
      // The driver writes the rows out for this process when the promise resolves: a task of its own, so
      // that it is not taken for one of the page's.
      await new Promise((later) => setTimeout(later));
      return { ...result, fractions, start, end };
    }, sql);
  }

  /** Runs a query that must fail, and gives back how. */
  async failure(sql) {
    try {
      const { rows } = await this.query(sql);
      throw new Error(`the query gave ${rows.length} rows instead of an error`);
    } catch (error) {
      if (error.millrace) return error.millrace;
      throw error;
    }
  }

  /** Tasks of the page's main thread of more than 50 ms, in a stretch of its own time. */
  longTasks(start, end) {
    return this.page.evaluate(
      ([start, end]) => window.longTasks.filter((task) => task.startTime + task.duration > start && task.startTime < end),
      [start, end],
    );
  }

  /** Calls the page; its errors come back as errors with `millrace: {kind, message, hint, position}`. */
  async #told(call, argument) {
    const source = `(async (argument) => {
      try {
        return { value: await (${call})(argument) };
      } catch (error) {
        const { kind, message, hint, position } = error;
        if (kind === undefined) throw error;
        return { error: { kind, message, hint, position } };
      }
    })`;
    const handle = await this.page.evaluateHandle(source);
    const outcome = await this.page.evaluate(([call, argument]) => call(argument), [handle, argument]);
    if (outcome.error) {
      const { kind, message } = outcome.error;
      throw Object.assign(new Error(`${kind}: ${message}`), { millrace: outcome.error });
    }
    return outcome.value;
  }

  close() {
    return this.context.close();
  }
}
