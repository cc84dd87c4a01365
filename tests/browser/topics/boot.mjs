// Loading the page: isolation with and without headers, nothing from elsewhere, small enough files.
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { App } from '../app.mjs';
import { serve } from '../server.mjs';

const MOST_FILE_BYTES = 25 * 1024 * 1024;

export default async function boot(t, { browser, site, dist }) {
  await t.test('the shell is on the screen before the engine', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    // The engine's answer is held back; the page must be usable without it.
    let letGo = () => {};
    const held = new Promise((resolve) => (letGo = resolve));
    await page.route(/engine/, async (route) => {
      await held;
      await route.continue().catch(() => {});
    });
    await page.goto(site.origin);
    await page.getByText('Ask SQL of big files').waitFor({ timeout: 20_000 });
    assert.equal(await page.evaluate(() => window.millrace !== undefined), true);
    letGo();
    await page.evaluate(() => window.millrace.ready);
    await context.close();
  });

  await t.test('with headers the engine has threads, and nothing comes from elsewhere', async () => {
    const app = await App.ready(browser, site.origin);
    const { threads, isolated, version } = app.info;
    assert.equal(isolated, true);
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.equal(threads, await app.page.evaluate(() => Math.min(navigator.hardwareConcurrency, 16)));
    const { rows } = await app.query('SELECT 1 + 1, CAST(2 AS INT), 0.5::DOUBLE, NULL, true');
    assert.deepEqual(rows, [[2n, 2, 0.5, null, true]]);
    const foreign = app.requests.filter((url) => !url.startsWith(site.origin) && !/^(blob|data):/.test(url));
    assert.deepEqual(foreign, []);
    assert.deepEqual(app.errors, []);
    await app.close();
    return `${threads} threads`;
  });

  await t.test('the page may not talk to anybody else', async () => {
    const other = await serve({ '/': dist });
    const app = await App.open(browser, site.origin);
    const outcome = await app.page.evaluate(
      (address) => fetch(address, { mode: 'no-cors' }).then(() => 'answered', (error) => error.name),
      `${other.origin}/index.html`,
    );
    assert.equal(outcome, 'TypeError');
    assert.deepEqual(other.requests, []);
    await app.close();
    await other.close();
  });

  await t.test('without headers and under a sub-path it isolates itself, without a loop', async () => {
    const bare = await serve({ '/some/folder/': dist }, { isolated: false });
    const app = await App.open(browser, `${bare.origin}/some/folder/`);
    let loads = 0;
    app.page.on('load', () => (loads += 1));
    await app.page.waitForFunction(() => window.crossOriginIsolated && window.millrace, undefined, { timeout: 60_000 });
    const info = await app.page.evaluate(() => window.millrace.ready);
    assert.equal(info.isolated, true);
    const { rows } = await app.query('SELECT 40 + 2');
    assert.deepEqual(rows, [[42n]]);
    const pages = bare.requests.filter(({ path }) => /\/(index\.html)?$/.test(path)).length;
    assert.ok(pages <= 4, `the page was fetched ${pages} times`);
    loads = 0;
    await app.page.reload();
    await app.page.waitForFunction(() => window.millrace !== undefined);
    assert.equal((await app.page.evaluate(() => window.millrace.ready)).isolated, true);
    assert.equal(loads, 1);
    const missing = bare.requests.filter(({ path, status }) => status === 404 && !path.endsWith('favicon.ico'));
    assert.deepEqual(missing, []);
    await app.close();
    await bare.close();
  });

  await t.test('where isolation is impossible the page says why', async () => {
    const bare = await serve({ '/': dist }, { isolated: false });
    const app = await App.open(browser, bare.origin, { serviceWorkers: 'block' });
    const error = await app.page.evaluate(() =>
      window.millrace.ready.then(() => null, ({ kind, message, hint }) => ({ kind, message, hint })));
    assert.equal(error?.kind, 'browser');
    assert.ok(error.hint, 'it has no hint');
    await app.page.getByText(error.message).first().waitFor({ timeout: 5_000 });
    await app.close();
    await bare.close();
  });

  await t.test('no file of the site is larger than 25 MiB', () => {
    const files = readdirSync(dist, { recursive: true }).map((name) => [name, statSync(join(dist, name))]);
    const large = files.filter(([, stat]) => stat.isFile() && stat.size > MOST_FILE_BYTES);
    assert.deepEqual(large.map(([name, { size }]) => `${name}: ${size}`), []);
    assert.ok(files.length > 5);
  });
}
