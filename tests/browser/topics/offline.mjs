// The page without a network, and as an installed application.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { run } from '../work.mjs';
import { serve } from '../server.mjs';

/** Waits until the service worker has kept so many files as the site has. */
async function keptAll(page) {
  await page.waitForFunction(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('millrace-'));
    if (names.length === 0) return false;
    const kept = await (await caches.open(names.at(-1))).keys();
    const paths = kept.map(({ url }) => new URL(url).pathname);
    return paths.some((path) => path.includes('engine_bg.wasm')) && paths.some((path) => path.endsWith('index.html'))
      && paths.some((path) => path.includes('/npm/recipes-')) && paths.some((path) => path.endsWith('.webmanifest'));
  }, undefined, { timeout: 60_000, polling: 500 });
}

export default async function offline(t, { browser, dist }) {
  for (const isolated of [true, false]) {
    await t.test(`after one visit it works without a network, ${isolated ? 'with' : 'without'} the host's headers`, async () => {
      const own = await serve({ '/': dist }, { isolated });
      const app = await App.ready(browser, own.origin);
      const { page } = app;
      if (!isolated) {
        // Files of the first load came before the service worker.
        await page.evaluate(() => navigator.serviceWorker.controller.postMessage('keep-all'));
      }
      await keptAll(page);
      await own.close();
      await page.reload();
      await page.waitForFunction(() => window.millrace !== undefined, undefined, { timeout: 60_000 });
      assert.equal((await page.evaluate(() => window.millrace.ready)).isolated, true);
      await app.addText('t.csv', ['a,b\n1,2\n3,4\n'], 't');
      await run(page, 'SELECT a, b FROM t ORDER BY a');
      await page.locator('[data-chart=canvas] canvas').first().waitFor();
      await page.keyboard.press('Control+k');
      await page.locator('[data-panel=palette]').waitFor();
      await app.close();
    });
  }

  await t.test('browsers may install it', async () => {
    const own = await serve({ '/': dist });
    const app = await App.ready(browser, own.origin);
    const session = await app.context.newCDPSession(app.page);
    const { url, errors, data } = await session.send('Page.getAppManifest');
    assert.equal(new URL(url).pathname, '/manifest.webmanifest');
    assert.deepEqual(errors, []);
    assert.equal(JSON.parse(data).display, 'standalone');
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
    await app.close();
    await own.close();
  });
}
