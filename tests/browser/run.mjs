// Tests of the built site in a browser. Usage: node run.mjs [TOPIC | "TOPIC: NAME"]…
//
// Needs the site in `dist/`, the packages of `tests/package.json`, Chromium and Firefox. The last line is
// `N passed, N failed`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { launchChromium } from './chromium.mjs';
import { root } from './data.mjs';
import { Runner } from './runner.mjs';
import { serve } from './server.mjs';

const TOPICS = [
  'boot', 'page', 'charts', 'dashboards', 'exports', 'menu', 'language', 'recipes', 'palette', 'offline', 'formats',
  'files', 'profile', 'scan', 'estimates', 'timeline', 'windows', 'scenarios', 'streams', 'folders', 'connections',
  'spill', 'bad_input', 'changed_files', 'faults', 'firefox',
];

const dist = process.env.MILLRACE_DIST ?? join(root, 'dist');
if (!existsSync(join(dist, 'index.html'))) throw new Error(`no site in ${dist}; build it with: cargo xtask build`);

const runner = new Runner(process.argv.slice(2));
const site = await serve({ '/': dist });
for (const name of TOPICS.filter((name) => runner.wantsTopic(name))) {
  // A browser for each topic, so that none sees the memory of the one before.
  const browser = await launchChromium();
  const { default: topic } = await import(`./topics/${name}.mjs`);
  await runner.topic(name, topic, { browser, site, dist });
  await browser.close();
}
await site.close();
console.log(`${runner.passed} passed, ${runner.failed} failed`);
process.exit(runner.failed === 0 && runner.passed > 0 ? 0 : 1);
