// Screens as pictures, compared with how they were: as few shades of grey of a small picture, which bear other fonts and
// times, but no missing panel, no other colours and no broken layout. `MILLRACE_REFRESH=1` takes them anew; look at the
// pictures in target/e2e/snapshots then.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { App } from '../app.mjs';
import { root } from '../data.mjs';
import { run } from '../work.mjs';

const kept = join(root, 'tests/browser/snapshots.json');
const pictures = join(root, 'target/e2e/snapshots');

/** Fields of a kept picture from left to right. */
const ACROSS = 40;

/** Shades, of 255, by which all fields together, and the tenth part that differs most, may differ. */
const MEAN = 5;
const TENTH = 24;

const SIZES = [[1440, 900], [768, 1024], [390, 844]];

/** Known rows: the pictures of their charts are the same everywhere. */
function visits() {
  const lines = ['day,page,seconds'];
  for (let n = 0; n < 900; n += 1) {
    lines.push(`2026-01-${String(1 + (n % 30)).padStart(2, '0')},${['home', 'shop', 'help'][n % 3]},${(n * 37) % 120}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Shades of a screen's fields, made by the browser itself. */
async function shades(page, png) {
  return page.evaluate(async ([data, across]) => {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const down = Math.round((across * picture.height) / picture.width);
    const canvas = new OffscreenCanvas(across, down);
    const context = canvas.getContext('2d');
    // Step by step, since one large step passes over most points.
    let [small, width] = [picture, picture.width];
    while (width / 2 > across) {
      const half = await createImageBitmap(small, {
        resizeWidth: Math.round(width / 2),
        resizeHeight: Math.round((small.height * Math.round(width / 2)) / width),
        resizeQuality: 'high',
      });
      [small, width] = [half, half.width];
    }
    context.drawImage(small, 0, 0, across, down);
    const { data: points } = context.getImageData(0, 0, across, down);
    const grey = [];
    for (let at = 0; at < points.length; at += 4) {
      grey.push(Math.round(0.3 * points[at] + 0.59 * points[at + 1] + 0.11 * points[at + 2]));
    }
    return grey;
  }, [png.toString('base64'), ACROSS]);
}

export default async function snapshots(t, { browser, site }) {
  const refreshes = process.env.MILLRACE_REFRESH === '1';
  const known = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {};
  const taken = {};
  mkdirSync(pictures, { recursive: true });

  async function look(page, name) {
    await page.mouse.move(0, 0);
    await page.waitForTimeout(400);
    const png = await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled', caret: 'hide' });
    const now = await shades(page, png);
    taken[name] = Buffer.from(now).toString('base64');
    if (refreshes) return;
    assert.ok(known[name], `there is no picture of ${name} yet: MILLRACE_REFRESH=1`);
    const before = Buffer.from(known[name], 'base64');
    assert.equal(now.length, before.length, 'another size');
    const differences = now.map((shade, at) => Math.abs(shade - before[at])).sort((a, b) => b - a);
    const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    const [all, tenth] = [mean(differences), mean(differences.slice(0, differences.length / 10))];
    assert.ok(all <= MEAN && tenth <= TENTH, `${name}: ${all.toFixed(1)} and ${tenth.toFixed(1)} shades: see target/e2e/snapshots`);
  }

  for (const colorScheme of ['light', 'dark']) {
    for (const [width, height] of SIZES) {
      await t.test(`${colorScheme}, ${width} px`, async () => {
        const app = await App.ready(browser, site.origin, { colorScheme, viewport: { width, height } });
        const { page } = app;
        const of = (screen) => `${screen}-${colorScheme}-${width}`;
        await look(page, of('empty'));
        await app.addText('visits.csv', [visits()], 'visits');
        await run(page, 'SELECT day, page, sum(seconds) AS seconds FROM visits GROUP BY day, page ORDER BY day, page');
        await page.waitForFunction(() => /Exact\.$/.test(document.querySelector('[data-chart=canvas]').ariaLabel));
        await look(page, of('result'));
        await page.keyboard.press('Alt+t');
        await run(page, 'SELECT count(*) AS visits, sum(seconds) AS seconds FROM visits');
        await page.keyboard.press('Alt+b');
        await page.locator('[data-part=add-all]').click();
        await page.locator('[data-tile=query_2] [data-chart=figures] .text-3xl').first().waitFor();
        await page.locator('[data-tile=query_1][data-exact=true]').waitFor();
        await look(page, of('board'));
        await app.close();
      });
    }
  }
  if (refreshes) writeFileSync(kept, `${JSON.stringify(taken, null, 1)}\n`);
}
