// The dashboard: charts of several queries in a grid, selections that filter the others, and what is kept of it.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';
import { run, write } from '../work.mjs';

/** Milliseconds from a selection until the other charts are drawn anew, of 2.7 million rows whose columns are kept. */
const LINKED_MILLIS = 600;

const tile = (page, name) => page.locator(`[data-tile="${name}"]`);
const chips = (page) => page.locator('[data-chip]').allInnerTexts();
const tiles = (page) => page.locator('[data-tile]').evaluateAll((all) => all.map(({ dataset }) => dataset.tile));
const undo = (page) => page.locator('[data-command-button=undo]');

/** Waits until each chart shows an exact result, and none changes any more. */
async function settled(page) {
  await page.waitForFunction(() => {
    const all = [...document.querySelectorAll('[data-tile]')];
    const now = all.map(({ dataset }) => `${dataset.tile} ${dataset.drawn} ${dataset.exact}`).join();
    const isSame = window.tilesBefore === now && all.every(({ dataset }) => dataset.exact === 'true');
    if (!isSame) [window.tilesBefore, window.tilesSince] = [now, performance.now()];
    return isSame && performance.now() - window.tilesSince > 400;
  }, undefined, { timeout: 60_000 });
}

/** The figures of a chart of one row, in the order of its columns. */
async function figures(page, name) {
  const texts = await tile(page, name).locator('[data-chart=figures] .text-3xl').allInnerTexts();
  return texts.map((text) => Number(text.replaceAll(',', '')));
}

/** Drags over a part of a chart in one move, and tells how long the others took to be drawn anew. */
async function brush(page, name, from, to) {
  const box = await tile(page, name).locator('[data-chart=canvas]').boundingBox();
  const at = (share) => [box.x + 50 + (box.width - 80) * share, box.y + box.height / 2];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at((from + to) / 2));
  await settled(page);
  await page.evaluate((own) => {
    window.linked = { moved: 0, drawn: {} };
    const seen = new MutationObserver((changes) => {
      for (const { target } of changes) {
        const { tile } = target.dataset;
        // The canvas is painted with the next frame.
        if (tile !== own) requestAnimationFrame(() => { window.linked.drawn[tile] = performance.now(); });
      }
    });
    for (const element of document.querySelectorAll('[data-tile]')) {
      seen.observe(element, { attributes: true, attributeFilter: ['data-drawn'] });
    }
    window.linked.stop = () => seen.disconnect();
    addEventListener('mousemove', () => { window.linked.moved = performance.now(); }, { capture: true, once: true });
  }, name);
  await page.mouse.move(...at(to));
  await page.waitForFunction(() => Object.keys(window.linked.drawn).length > 0);
  await settled(page);
  const millis = await page.evaluate(() => {
    const { moved, drawn, stop } = window.linked;
    stop();
    return Object.values(drawn).map((at) => at - moved);
  });
  await page.mouse.up();
  await settled(page);
  return millis;
}

export default async function dashboards(t, { browser, site }) {
  await linked(t, browser, site);
  await arranged(t, browser, site);
}

async function linked(t, browser, site) {
  const app = await App.ready(browser, site.origin);
  const { page } = app;
  await app.addFiles([eventsFile(200e6)], 'events');
  const queries = [
    "SELECT date_trunc('minute', ts) AS minute, count(*) AS n FROM events GROUP BY 1 ORDER BY 1",
    'SELECT category, avg(price) AS price FROM events GROUP BY category ORDER BY price DESC LIMIT 10',
    'SELECT region, count(*) AS n, sum(price) AS paid FROM events GROUP BY region ORDER BY region',
  ];
  for (const [place, query] of queries.entries()) {
    if (place > 0) await page.keyboard.press('Alt+t');
    await run(page, query);
  }

  await t.test('charts of several queries stand beside each other', async () => {
    await page.locator('[data-part=add-to-board]').click();
    await page.keyboard.press('Alt+b');
    await tile(page, 'query_3').waitFor();
    assert.deepEqual(await tiles(page), ['query_3']);
    await page.locator('[data-part=add-tile]').selectOption({ label: 'query_1' });
    await page.locator('[data-part=add-tile]').selectOption({ label: 'query_2' });
    assert.deepEqual(await tiles(page), ['query_3', 'query_1', 'query_2']);
    await settled(page);
    for (const name of ['query_1', 'query_2', 'query_3']) {
      const words = await tile(page, name).locator('[data-chart=canvas]').getAttribute('aria-label');
      assert.match(words, /Exact\.$/, name);
    }
  });

  await t.test('a selection in one filters the others through the engine, fast enough to follow the pointer', async () => {
    const all = [];
    for (const to of [0.5, 0.6, 0.7, 0.55, 0.65]) {
      const millis = await brush(page, 'query_1', 0.3, to);
      assert.equal(millis.length, 2);
      all.push(Math.max(...millis));
    }
    const [words] = await chips(page);
    const [from, until] = /minute from (.*) to before (.*)/.exec(words).slice(1).map((text) => text.padEnd(19, ':00'));
    const { rows } = await app.query(`SELECT region, count(*) AS n FROM events
      WHERE ts >= TIMESTAMP '${from}' AND ts < TIMESTAMP '${until}' GROUP BY region ORDER BY region`);
    const told = await tile(page, 'query_3').locator('[data-chart=canvas]').getAttribute('aria-label');
    const least = Math.min(...rows.map(([, n]) => Number(n))).toLocaleString('en');
    assert.ok(told.includes(least), `${told} has ${least} rows of a region`);
    all.sort((a, b) => a - b);
    assert.ok(all[2] <= LINKED_MILLIS, `${all.map(Math.round)} ms`);
    return `${all.map(Math.round).join(', ')} ms`;
  });

  await t.test('filters of several charts hold together, and go by their chips', async () => {
    // A click on a bar selects what it stands for.
    const box = await tile(page, 'query_3').locator('[data-chart=canvas]').boundingBox();
    const tileWords = (name) => tile(page, name).locator('[data-chart=canvas]').getAttribute('aria-label');
    const unfiltered = await tileWords('query_1');
    await page.mouse.click(box.x + 50 + (box.width - 80) * 0.3, box.y + box.height * 0.8);
    await page.waitForFunction(() => document.querySelectorAll('[data-chip]').length === 2);
    await page.waitForFunction((words) => document.querySelector('[data-tile=query_1] [data-chart=canvas]').ariaLabel !== words, unfiltered);
    await settled(page);
    const words = await chips(page);
    assert.match(words[1], /^region: \w+$/);
    const filtered = await tileWords('query_1');
    await page.locator('[data-chip=query_1] button').click();
    await page.waitForFunction(() => document.querySelectorAll('[data-chip]').length === 1);
    await settled(page);
    // What is selected in a chart does not filter itself.
    assert.equal(await tileWords('query_1'), filtered);
    await page.locator('[data-chip=query_3] button').click();
    await settled(page);
    assert.notEqual(await tileWords('query_1'), filtered);
    assert.deepEqual(await chips(page), []);
  });

  await t.test('what cannot filter, or cannot be filtered, says so', async () => {
    await app.addText('shops.csv', ['shop,owner,area\n', { text: 'a,b,3\nc,d,4\n', times: 5 }], 'shops');
    await page.keyboard.press('Alt+t');
    await run(page, 'SELECT shop, sum(area) AS area FROM shops GROUP BY shop');
    await page.locator('[data-part=add-to-board]').click();
    await page.keyboard.press('Alt+b');
    await settled(page);
    await brush(page, 'query_1', 0.3, 0.5).catch(() => {});
    await tile(page, 'query_4').locator('[data-part=note]').getByText('Not filtered by minute from').waitFor();
    await page.locator('[data-chip] button').first().click();
    await settled(page);
  });

  await t.test('charts fill in while the file is read', async () => {
    await page.evaluate(() => window.millrace.clearCache());
    for (const _ of 'ab') await page.keyboard.press('Alt+b');
    await page.waitForFunction(() => [...document.querySelectorAll('[data-tile]')].some(({ dataset }) => dataset.exact === 'false'));
    await page.locator('[data-tile] [data-coverage=partial]').first().waitFor();
    await settled(page);
    assert.deepEqual(app.errors, []);
  });
  await app.close();
}

async function arranged(t, browser, site) {
  const app = await App.ready(browser, site.origin);
  const { page } = app;
  await page.evaluate(async (text) => {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle('visits.csv', { create: true });
    const file = await handle.createWritable();
    await file.write(text);
    await file.close();
    await window.millrace.addFiles([handle]);
  }, `day,page,seconds\n${Array.from({ length: 700 }, (_, n) => `2026-01-${String(1 + (n % 28)).padStart(2, '0')},p${n % 3},${n % 50}`).join('\n')}\n`);
  await run(page, 'SELECT day, sum(seconds) AS seconds FROM visits GROUP BY day ORDER BY day');
  await page.keyboard.press('Alt+t');
  await run(page, 'SELECT page, count(*) AS n FROM visits GROUP BY page ORDER BY page');
  await page.keyboard.press('Alt+t');
  await run(page, 'SELECT count(*) AS visits, sum(seconds) AS seconds FROM visits');
  await page.keyboard.press('Alt+b');
  await page.locator('[data-part=add-all]').click();
  await settled(page);
  const handle = (name) => tile(page, name).locator('[data-part=arrange]');
  const size = (name) => tile(page, name).evaluate((element) => ['--columns', '--rows'].map((name) => element.style.getPropertyValue(name)).join(' × '));

  await t.test('charts are moved and resized by keys, by the mouse and by buttons', async () => {
    assert.deepEqual(await tiles(page), ['query_1', 'query_2', 'query_3']);
    await handle('query_3').focus();
    await page.keyboard.press('ArrowLeft');
    assert.deepEqual(await tiles(page), ['query_1', 'query_3', 'query_2']);
    await page.keyboard.press('ArrowLeft');
    assert.deepEqual(await tiles(page), ['query_3', 'query_1', 'query_2']);
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Shift+ArrowUp');
    assert.equal(await size('query_3'), '6 × 2');
    await handle('query_2').dragTo(tile(page, 'query_3').locator('h3'));
    assert.deepEqual(await tiles(page), ['query_2', 'query_3', 'query_1']);
    const corner = await tile(page, 'query_1').locator('[data-part=resize]').boundingBox();
    const cell = await tile(page, 'query_1').evaluate((element) => element.parentElement.clientWidth / 12);
    await page.mouse.move(corner.x + 8, corner.y + 8);
    await page.mouse.down();
    await page.mouse.move(corner.x + 8 + 3 * cell, corner.y + 8 + 90, { steps: 8 });
    await page.mouse.up();
    assert.equal(await size('query_1'), '9 × 5');
    await handle('query_2').click();
    await page.locator('[data-move=narrower]').click();
    await page.locator('[data-move=later]').click();
    assert.equal(await size('query_2'), '5 × 4');
    assert.deepEqual(await tiles(page), ['query_3', 'query_2', 'query_1']);
  });

  await t.test('charts and filters are steps to take back, and are there after a reload', async () => {
    await handle('query_3').focus();
    assert.deepEqual(await figures(page, 'query_3'), [700, 17150]);
    // What is done in one breath is one step.
    await page.waitForTimeout(1_000);
    // By keyboard: the first three days.
    await tile(page, 'query_1').locator('[data-chart=canvas]').focus();
    for (const key of ['Home', 'Shift+ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key);
    await page.locator('[data-chip=query_1]').waitFor();
    await settled(page);
    assert.deepEqual(await figures(page, 'query_3'), [75, 1825]);
    const words = await chips(page);
    assert.deepEqual(words, ['day from 2026-01-01 to before 2026-01-04']);
    await page.waitForFunction(() => document.querySelector('[data-command-button=undo]').ariaLabel.includes('filter'));
    await undo(page).click();
    await page.waitForFunction(() => document.querySelectorAll('[data-chip]').length === 0);
    await settled(page);
    assert.deepEqual(await figures(page, 'query_3'), [700, 17150]);
    await page.locator('[data-command-button=redo]').click();
    await page.locator('[data-chip=query_1]').waitFor();
    await page.locator('[data-tile=query_2] [data-part=remove-tile]').click();
    assert.deepEqual(await tiles(page), ['query_3', 'query_1']);
    await page.waitForFunction(() => document.querySelector('[data-command-button=undo]').ariaLabel.includes('take off'));
    await undo(page).click();
    await page.waitForFunction(() => document.querySelectorAll('[data-tile]').length === 3);
    // What is kept is written a moment after the last change.
    await page.waitForTimeout(2_000);
    await page.reload();
    await page.locator('[data-recent=visits] button').first().click();
    await tile(page, 'query_3').waitFor({ timeout: 60_000 });
    assert.deepEqual(await tiles(page), ['query_3', 'query_2', 'query_1']);
    assert.deepEqual(await chips(page), words);
    assert.equal(await size('query_1'), '9 × 5');
    await settled(page);
    await tile(page, 'query_3').locator('[data-chart=figures] .text-3xl').first().waitFor();
    assert.deepEqual(await figures(page, 'query_3'), [75, 1825]);
    assert.deepEqual(app.errors, []);
  });

  await t.test('on a phone charts stand below each other', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const boxes = await page.locator('[data-tile]').evaluateAll((all) => all.map((element) => element.getBoundingClientRect().toJSON()));
    for (const [place, { left, right, top }] of boxes.entries()) {
      assert.ok(left >= 0 && right <= 390, `${left} to ${right}`);
      if (place > 0) assert.ok(top >= boxes[place - 1].bottom, `${top} after ${boxes[place - 1].bottom}`);
    }
    await page.locator('[data-part=leave-board]').click();
    await page.locator('[data-panel=tabs]').waitFor();
  });
  await app.close();
}
