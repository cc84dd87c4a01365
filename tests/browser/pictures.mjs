// Takes the README's pictures of the built site with real data, into docs/pictures/.
// Usage: node tests/browser/pictures.mjs
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { launchChromium } from './chromium.mjs';
import { categoriesFile, eventsFile, root } from './data.mjs';
import { serve } from './server.mjs';

const WIDE = { width: 1440, height: 980 };
const NARROW = { width: 390, height: 844 };
const folder = join(root, 'docs/pictures');
const coverage = '[data-panel=run-bar] [data-part=coverage]';

const site = await serve({ '/': join(root, 'dist') });
const browser = await launchChromium();
mkdirSync(folder, { recursive: true });

for (const [name, viewport, colorScheme] of [
  ['light', WIDE, 'light'],
  ['dark', WIDE, 'dark'],
  ['narrow', NARROW, 'light'],
  ['narrow-dark', NARROW, 'dark'],
]) {
  const page = await browser.newPage({ viewport, colorScheme });
  const shoot = (state) => page.screenshot({ path: join(folder, `${state}-${name}.png`) });
  await page.goto(site.origin);
  await page.waitForFunction(() => window.millrace !== undefined);
  await page.evaluate(() => window.millrace.ready);
  await page.waitForTimeout(500);
  await shoot('empty');

  await page.locator('input[type=file]').first().setInputFiles([eventsFile(), categoriesFile()]);
  await page.locator('[data-panel=sources] [data-table]').nth(1).waitFor();
  const [{ table }] = await page.evaluate(() => window.millrace.tables());
  const sql = `SELECT date_bin(INTERVAL '2 hours', ts) AS bucket, region, count(*) AS n, avg(price) AS mean
FROM ${table}
GROUP BY bucket, region
ORDER BY bucket, region`;
  await write(page, sql);
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-chart=canvas]').first().waitFor({ timeout: 20_000 });
  await page.waitForTimeout(250);
  await shoot('scanning');
  await page.locator(coverage).getByText('exact', { exact: true }).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(900);
  await shoot('done');

  await write(page, sql.replace('price', 'prise'));
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-kind]').first().waitFor({ timeout: 10_000 });
  await page.waitForTimeout(400);
  await shoot('error');
  await page.close();
}
await browser.close();
await site.close();

async function write(page, text) {
  await page.locator('[data-part=editor] .cm-content').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}
