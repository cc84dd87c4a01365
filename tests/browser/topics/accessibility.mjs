// axe-core over every screen, in both themes: what it knows of WCAG 2.2 AA and of best practices.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { App } from '../app.mjs';
import { run, write } from '../work.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A table of a little of everything. */
function sales() {
  const lines = ['at,region,kind,price,note'];
  for (let row = 0; row < 600; row += 1) {
    const at = new Date(Date.UTC(2026, 0, 1) + row * 3.6e6).toISOString();
    lines.push(`${at},${['EU', 'US', 'APAC'][row % 3]},kind ${row % 7},${(row * 37) % 90},${row === 8 ? 'a,b' : 'fine'}`);
  }
  return `${lines.join('\n')}\n`;
}

/** What axe finds on the page as it is, one line for each place. */
async function violations(page) {
  // What moves in or out is looked at when it has come to rest.
  await page.waitForTimeout(250);
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message)[0];
      return `${id}: ${target.join(' ')}: ${why}`;
    }));
  });
  return found;
}

const menu = async (page, name) => {
  await page.locator('[data-part=menu]').click();
  await page.locator(`[data-menu=${name}]`).click();
};
const close = async (page) => {
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
};

/** Screens in the order of a visit: each leads from the one before. */
const SCREENS = [
  ['the first screen', async () => {}],
  ['a table', async ({ app, page }) => {
    await app.addText('sales.csv', [sales()], 'sales');
    await page.locator('[data-table=sales]').waitFor();
  }],
  ['a profile', async ({ page }) => {
    await page.getByRole('button', { name: 'Profile the columns of sales' }).click();
    await page.getByText('Click a bar to filter by it.').waitFor();
  }],
  ['first rows', async ({ page }) => {
    await close(page);
    await page.getByRole('button', { name: 'Show first rows of sales' }).click();
    await page.locator('dialog[open]').waitFor();
  }],
  ['a result with a chart', async ({ page }) => {
    await close(page);
    await run(page, "SELECT date_trunc('day', at) AS day, region, sum(price) AS paid FROM sales GROUP BY 1, 2 ORDER BY 1");
    await page.waitForFunction(() => /Exact\.$/.test(document.querySelector('[data-chart=canvas]').ariaLabel));
  }],
  ['a result of one row', async ({ page }) => {
    await page.keyboard.press('Alt+t');
    await run(page, 'SELECT count(*) AS n, max(price) AS most FROM sales');
    await page.locator('[data-chart=figures]').waitFor();
  }],
  ['the dashboard', async ({ page }) => {
    await page.keyboard.press('Alt+b');
    await page.locator('[data-part=add-all]').click();
    await page.locator('[data-tile] [data-chart=figures]').waitFor();
    await page.locator('[data-tile=query_1] [data-chart=canvas]').focus();
    for (const key of ['Home', 'Shift+ArrowRight']) await page.keyboard.press(key);
    await page.locator('[data-chip]').waitFor();
    await page.locator('[data-part=arrange]').first().click();
  }],
  ['an error', async ({ page }) => {
    await page.keyboard.press('Alt+b');
    await write(page, 'SELECT prise FROM sales');
    await page.keyboard.press('Control+Enter');
    await page.locator('[data-kind]').first().waitFor();
  }],
  ['the palette', async ({ page }) => {
    await page.keyboard.press('Control+k');
    await page.locator('dialog[open]').waitFor();
  }],
  ['the keys', async ({ page }) => {
    await close(page);
    await menu(page, 'keys');
    await page.locator('dialog[open]').waitFor();
  }],
  ['the link', async ({ page }) => {
    await close(page);
    await menu(page, 'share');
    await page.locator('dialog[open]').waitFor();
  }],
  ['about', async ({ page }) => {
    await close(page);
    await menu(page, 'about');
    await page.locator('dialog[open]').waitFor();
  }],
  ['the benchmark', async ({ page }) => {
    await close(page);
    await menu(page, 'benchmark');
    await page.locator('dialog[open]').waitFor();
  }],
  ['a stream that is put together', async ({ page }) => {
    await close(page);
    await page.keyboard.press('Control+k');
    await page.keyboard.insertText('Follow a stream');
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
  }],
  ['the menu', async ({ page }) => {
    await close(page);
    await page.locator('[data-part=menu]').click();
  }],
];

export default async function accessibility(t, { browser, site }) {
  for (const colorScheme of ['light', 'dark']) {
    const app = await App.ready(browser, site.origin, { colorScheme });
    const { page } = app;
    for (const [name, open] of SCREENS) {
      await t.test(`${name}, ${colorScheme}`, async () => {
        await open({ app, page });
        const found = await violations(page);
        assert.deepEqual(found, []);
      });
    }
    await app.close();
  }
}
