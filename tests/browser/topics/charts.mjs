// Charts of results: every kind, its settings, selections that filter, keyboard, files, and what live updates cost.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';

const KINDS = ['line', 'bar', 'area', 'scatter', 'histogram', 'box', 'heatmap'];
const REGIONS = ['EU', 'US', 'APAC'];
const HOURS = 24 * 28;
const editorText = '[data-part=editor] .cm-content';
const canvas = '[data-chart=canvas]';

/** Four weeks of a row an hour and region, with a daily and a weekly course that is known. */
function known() {
  const lines = ['at,region,kind,orders,latency_ms,size_bytes'];
  for (let hour = 0; hour < HOURS; hour += 1) {
    const at = new Date(Date.UTC(2026, 0, 5) + hour * 3.6e6);
    REGIONS.forEach((region, place) => {
      const day = Math.sin((at.getUTCHours() / 24) * Math.PI) * (at.getUTCDay() % 6 === 0 ? 40 : 100);
      const orders = Math.round(day * (place + 1)) + ((hour * 7 + place) % 11);
      const latency = 20 + ((hour * 37 + place * 11) % 97) * (hour % 50 === 0 ? 9 : 1);
      lines.push(`${at.toISOString()},${region},kind ${hour % 9},${orders},${latency},${(hour % 30) * 250_000 + 1000}`);
    });
  }
  return `${lines.join('\n')}\n`;
}

async function run(page, sql) {
  await page.locator(editorText).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(sql);
  await page.keyboard.press('Control+Enter');
  await done(page);
}

async function done(page) {
  await page.waitForTimeout(100);
  await page.locator('[data-panel=run-bar] [data-part=coverage]').getByText('exact', { exact: true }).waitFor({ timeout: 90_000 });
  await page.locator('[data-panel=run-bar] [data-part=run]').waitFor();
}

/** Starts a query and waits for its first partial result. */
async function start(page, sql) {
  await page.locator(editorText).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(sql);
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-panel=run-bar] [data-part=coverage]').getByText('covers').waitFor({ timeout: 60_000 });
}

/** The longest task of a trace's main thread of a page, in milliseconds of its own clock, and how many there were. */
function longestTask(trace) {
  const { traceEvents } = JSON.parse(trace.toString('utf8'));
  const isMain = ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain';
  const mains = new Set(traceEvents.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`));
  const isTask = ({ name, ph, tdur, pid, tid }) =>
    ph === 'X' && tdur > 0 && /RunTask$/.test(name) && mains.has(`${pid} ${tid}`);
  const tasks = traceEvents.filter(isTask).map(({ tdur }) => tdur / 1e3);
  assert.ok(tasks.length > 20, `${tasks.length} tasks in the trace`);
  return [Math.max(...tasks), tasks.length];
}

/** How many points of the legend have a colour. */
function ofLegend(page, [red, green, blue]) {
  return page.evaluate(([canvas, red, green, blue]) => {
    let count = 0;
    for (const layer of document.querySelectorAll(`${canvas} canvas`)) {
      const { data } = layer.getContext('2d').getImageData(0, 0, layer.width, 40);
      for (let at = 0; at < data.length; at += 4) {
        const far = Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue);
        if (far < 12 && data[at + 3] > 200) count += 1;
      }
    }
    return count;
  }, [canvas, red, green, blue]);
}

/** What the chart says of itself, once it is about something. */
async function summary(page, about) {
  await page.waitForFunction(
    ([canvas, about]) => new RegExp(about).test(document.querySelector(canvas)?.getAttribute('aria-label') ?? ''),
    [canvas, about],
    { timeout: 30_000 },
  );
  return page.locator(canvas).getAttribute('aria-label');
}

/** Colours on the canvas besides the background: how many different ones, and on which share of its points. */
function painted(page) {
  return page.evaluate((canvas) => {
    const seen = new Map();
    let [points, others] = [0, 0];
    for (const layer of document.querySelectorAll(`${canvas} canvas`)) {
      const { data } = layer.getContext('2d').getImageData(0, 0, layer.width, layer.height);
      for (let at = 0; at < data.length; at += 16) {
        points += 1;
        if (data[at + 3] < 40) continue;
        others += 1;
        const key = `${data[at] >> 4},${data[at + 1] >> 4},${data[at + 2] >> 4}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    }
    return { colors: seen.size, share: others / points };
  }, canvas);
}

/** Drags over a part of the chart, given as shares of its width and height. */
async function drag(page, [left, right], [top, bottom] = [0.5, 0.6]) {
  await page.locator(canvas).scrollIntoViewIfNeeded();
  const box = await page.locator(canvas).boundingBox();
  const at = (x, y) => [box.x + box.width * x, box.y + box.height * y];
  await page.mouse.move(...at(left, top));
  await page.mouse.down();
  await page.mouse.move(...at((left + right) / 2, bottom), { steps: 5 });
  await page.mouse.move(...at(right, bottom), { steps: 5 });
  await page.mouse.up();
}

async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator(button).click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

const choose = (page, kind) => page.locator(`[data-chart-kind=${kind}]`).click();
const sqlText = (page) => page.locator(editorText).innerText();

/** Pictures for people to look at, where a folder is named. */
async function picture(page, name) {
  const folder = process.env.MILLRACE_PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.locator('[data-panel=chart]').scrollIntoViewIfNeeded();
  await page.waitForTimeout(150);
  await page.locator('[data-panel=chart]').screenshot({ path: join(folder, `${name}.png`) });
}

export default async function charts(t, { browser, site }) {
  const app = await App.ready(browser, site.origin, { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = app;
  const [{ table }] = await app.addText('known.csv', [known()], 'known');
  const rowsSql = `SELECT * FROM ${table}`;
  const hourly = `SELECT at, region, sum(orders) AS orders, avg(latency_ms) AS latency_ms FROM ${table} GROUP BY at, region ORDER BY at`;

  await t.test('every kind draws a result, says what it shows and lists it', async () => {
    await run(page, rowsSql);
    const words = [];
    for (const kind of KINDS) {
      await choose(page, kind);
      const label = kind[0].toUpperCase() + kind.slice(1);
      const text = await summary(page, `^${label} `);
      assert.match(text, /Exact\.$/);
      await page.waitForTimeout(150);
      const { colors, share } = await painted(page);
      assert.ok(colors >= 3 && share > 0.005, `${kind}: ${colors} colours on ${share}`);
      await page.getByText('As a table').click();
      await page.locator('[data-part=chart-table] tbody tr').first().waitFor();
      assert.ok(await page.locator('[data-part=chart-table] tbody tr').count() >= 3, kind);
      await page.getByText('As a table').click();
      await picture(page, `wide-light-${kind}`);
      words.push(kind);
    }
    assert.equal(await page.locator('[data-panel=chart] [role=alert]').count(), 0);
    return words.join(', ');
  });

  await t.test('a heatmap of hours and weekdays has the sums of the rows', async () => {
    await run(page, `SELECT at, orders FROM ${table}`);
    await choose(page, 'heatmap');
    await summary(page, 'by hour and weekday');
    await page.getByLabel('Several values of a cell').selectOption({ label: 'sum' });
    const { rows } = await app.query(
      `SELECT date_part('hour', at) AS h, CAST(sum(orders) FILTER (WHERE date_part('dow', at) = 1) AS DOUBLE) AS monday FROM ${table} GROUP BY 1 ORDER BY 1`,
    );
    const { bytes } = await saved(page, '[data-download=chart-csv]');
    const lines = bytes.toString('utf8').trim().split('\n');
    assert.equal(lines[0], 'hour,Mon,Tue,Wed,Thu,Fri,Sat,Sun');
    assert.deepEqual(lines.slice(1).map((line) => Number(line.split(',')[1])), rows.map(([, monday]) => Number(monday)));
  });

  await t.test('a histogram counts every row, also of more rows than the page takes', async () => {
    const counted = async () => {
      const { bytes } = await saved(page, '[data-download=chart-csv]');
      const lines = bytes.toString('utf8').trim().split('\n').slice(1);
      return lines.reduce((sum, line) => sum + Number(line.split(',').at(-1)), 0);
    };
    await run(page, `SELECT latency_ms FROM ${table}`);
    await summary(page, '^Histogram of latency_ms');
    assert.equal(await counted(), HOURS * REGIONS.length);
    await run(page, `SELECT a.latency_ms + b.orders AS x FROM ${table} a CROSS JOIN (SELECT * FROM ${table} LIMIT 20) b`);
    await summary(page, '^Histogram of x\\. ');
    await page.locator('[data-part=note]').getByText('Of all 40,320 rows.').waitFor({ timeout: 30_000 });
    assert.equal(await counted(), HOURS * REGIONS.length * 20);
  });

  await t.test('boxes, heatmaps and points of many rows are summed up by the engine', async () => {
    await run(page, `SELECT a.region, a.kind, a.at, CAST(a.latency_ms AS DOUBLE) AS ms, b.orders FROM ${table} a CROSS JOIN (SELECT orders FROM ${table} LIMIT 20) b`);
    for (const kind of ['box', 'heatmap', 'scatter']) {
      await choose(page, kind);
      await page.locator('[data-part=note]').getByText('40,320 rows').waitFor({ timeout: 30_000 });
      await page.waitForTimeout(150);
      assert.equal(await page.locator('[data-panel=chart] [role=alert]').count(), 0, kind);
      const { share } = await painted(page);
      assert.ok(share > 0.005, `${kind}: ${share}`);
      await picture(page, `many-${kind}`);
    }
  });

  await t.test('what is dragged over on a time axis filters the query by its hours', async () => {
    await run(page, hourly);
    await summary(page, '^Line chart of orders by at');
    const before = Number(await page.locator('[data-rows]').getAttribute('data-rows'));
    await drag(page, [0.4, 0.6]);
    const offer = page.locator('[data-part=selection]');
    await offer.getByText(/at from 2026-01-\d\d.* to before 2026-01-\d\d/).waitFor({ timeout: 5_000 });
    await picture(page, 'selection');
    await page.locator('[data-part=filter-selection]').click();
    await done(page);
    assert.match(await sqlText(page), /WHERE at >= TIMESTAMP '2026-01-.+' AND at < TIMESTAMP '2026-01-/);
    const after = Number(await page.locator('[data-rows]').getAttribute('data-rows'));
    assert.ok(after > before * 0.1 && after < before * 0.35, `${after} of ${before} rows`);
    // A second selection takes the place of the first.
    await summary(page, '^Line chart of orders by at');
    await drag(page, [0.45, 0.55]);
    await page.locator('[data-part=filter-selection]').click();
    await done(page);
    assert.equal((await sqlText(page)).match(/WHERE/g).length, 1);
    await page.locator('[data-part=filtered] button').click();
    await done(page);
    assert.equal(Number(await page.locator('[data-rows]').getAttribute('data-rows')), before);
  });

  await t.test('a selection in the chart of the builder’s query becomes its filter', async () => {
    const own = await App.ready(browser, site.origin);
    await own.addText('known.csv', [known()], 'known');
    await own.page.locator(editorText).filter({ hasText: /GROUP BY/ }).waitFor({ timeout: 10_000 });
    await own.page.locator(editorText).click();
    await own.page.keyboard.press('Control+Enter');
    await done(own.page);
    await summary(own.page, '^Line chart');
    await drag(own.page, [0.4, 0.6]);
    await own.page.locator('[data-part=filter-selection]').click({ timeout: 5_000 });
    await done(own.page);
    assert.match(await sqlText(own.page), /FROM known\s+WHERE at >= TIMESTAMP '.+'\s+AND at < TIMESTAMP '.+'\s+GROUP BY/);
    assert.equal(await own.page.locator('[data-builder=detached]').count(), 0);
    await own.close();
  });

  await t.test('a bar, bins of a number and cells are selected by their places', async () => {
    await run(page, `SELECT kind, sum(orders) AS orders FROM ${table} GROUP BY kind ORDER BY kind`);
    await summary(page, '^Bar chart');
    await drag(page, [0.15, 0.35]);
    await page.locator('[data-part=selection]').getByText(/^kind: kind \d/).waitFor({ timeout: 5_000 });
    await page.locator('[data-part=filter-selection]').click();
    await done(page);
    assert.match(await sqlText(page), /WHERE kind (IN \('kind \d', .*\)|= 'kind \d')/);
    await run(page, `SELECT at, orders FROM ${table}`);
    await choose(page, 'heatmap');
    await summary(page, '^Heatmap');
    await drag(page, [0.3, 0.6], [0.2, 0.5]);
    await page.locator('[data-part=filter-selection]').click({ timeout: 5_000 });
    await done(page);
    assert.match(await sqlText(page), /WHERE date_part\('hour', at\) IN \([\d, ]+\)\s+AND date_part\('dow', at\) IN \([\d, ]+\)/);
  });

  await t.test('the keyboard goes from point to point, selects and filters', async () => {
    await run(page, hourly);
    await summary(page, '^Line chart of orders by at');
    await page.locator(canvas).focus();
    await page.keyboard.press('Home');
    const told = page.locator('[data-panel=chart] [data-part=told]');
    assert.match(await told.innerText(), /^2026-01-05: .*EU \d+/);
    await page.keyboard.press('ArrowRight');
    assert.match(await told.innerText(), /^2026-01-05 01:00: /);
    for (let step = 0; step < 5; step += 1) await page.keyboard.press('Shift+ArrowRight');
    await page.locator('[data-part=selection]').getByText('at from 2026-01-05 01:00 to before 2026-01-05 07:00').waitFor();
    await page.keyboard.press('Enter');
    await done(page);
    const { rows } = await app.query(`SELECT count(*) FROM (${hourly}) AS r WHERE at >= TIMESTAMP '2026-01-05 01:00:00' AND at < TIMESTAMP '2026-01-05 07:00:00'`);
    assert.equal(await page.locator('[data-rows]').getAttribute('data-rows'), String(rows[0][0]));
    await page.locator('[data-part=filtered] button').click();
    await done(page);
  });

  await t.test('series in panels, as shares, with others and on logarithmic axes', async () => {
    await run(page, `SELECT at, kind, sum(orders) AS orders FROM ${table} GROUP BY at, kind ORDER BY at`);
    await summary(page, '9 series');
    await page.getByLabel('Largest that stand for themselves').selectOption({ label: '3' });
    await summary(page, '4 series: .*others');
    await choose(page, 'area');
    await page.getByLabel('100 %').check();
    await summary(page, '^Area chart');
    await picture(page, 'shares');
    await page.getByLabel('panels').check();
    await page.waitForTimeout(200);
    assert.ok((await page.locator(canvas).boundingBox()).height >= 320);
    await picture(page, 'panels');
    await page.locator('[data-part=reset-chart]').click();
    await summary(page, '^Line chart');
    await page.getByLabel('log y').check();
    await page.waitForTimeout(200);
    await picture(page, 'log');
    await page.locator('[data-part=reset-chart]').click();
  });

  await t.test('the chart is saved as a drawing and as its data, and copied as a picture', async () => {
    await run(page, hourly);
    await summary(page, '3 series');
    const { name, bytes } = await saved(page, '[data-download=svg]');
    assert.equal(name, 'millrace-chart.svg');
    const svg = bytes.toString('utf8');
    assert.match(svg, /^<svg[\s\S]*<path[\s\S]*APAC[\s\S]*<\/svg>$/);
    const data = await saved(page, '[data-download=chart-csv]');
    const lines = data.bytes.toString('utf8').trim().split('\n');
    assert.equal(lines[0], 'at,APAC,EU,US');
    assert.equal(lines.length, HOURS + 1);
    const { rows } = await app.query(`SELECT region, sum(orders) FROM ${table} WHERE at = TIMESTAMP '2026-01-05 00:00:00' GROUP BY region ORDER BY region`);
    assert.deepEqual(lines[1].split(','), ['2026-01-05', ...rows.map(([, orders]) => String(orders))]);
    await page.locator('[data-part=copy-chart]').click();
    await page.locator('[data-part=copy-chart]').getByText('Copied').waitFor({ timeout: 5_000 });
    const types = await page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types));
    assert.deepEqual(types, ['image/png']);
  });

  await t.test('names that look like markup stay texts', async () => {
    await run(page, `SELECT * FROM (VALUES ('<img src=x onerror="window.hacked = 1">', 'a', 5), ('b', 'a', 7), ('b', 'b', 9)) AS t(name, kind, n)`);
    for (const kind of KINDS) {
      await choose(page, kind).catch(() => {});
      await page.waitForTimeout(150);
      const box = await page.locator(canvas).boundingBox();
      for (const x of [0.15, 0.25, 0.4, 0.75]) await page.mouse.move(box.x + box.width * x, box.y + box.height * 0.55);
      await page.waitForTimeout(80);
    }
    assert.equal(await page.evaluate(() => window.hacked), undefined);
  });

  await t.test('live updates of thousands of rows keep the main thread free', async () => {
    const live = await App.ready(browser, `${site.origin}/?cache_mb=0`);
    const [{ table: events }] = await live.addFiles([eventsFile()]);
    const sql = `SELECT date_bin(INTERVAL '10 minutes', ts) AS bucket, region, count(*) AS n, avg(price) AS mean FROM ${events} GROUP BY bucket, region ORDER BY bucket`;
    const cost = [];
    for (const kind of ['line', 'bar', 'area', 'scatter', 'histogram', 'heatmap']) {
      await start(live.page, sql);
      await choose(live.page, kind);
      await live.page.waitForTimeout(600);
      await browser.startTracing(live.page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
      await live.page.waitForTimeout(1_500);
      const [longest, updates] = longestTask(await browser.stopTracing());
      await live.page.keyboard.press('Escape');
      await live.page.locator('[data-panel=run-bar] [data-part=run]').waitFor();
      cost.push(`${kind} ${longest.toFixed(0)} ms of ${updates} tasks`);
      assert.ok(longest <= 50, cost.at(-1));
    }
    assert.deepEqual(live.errors, []);
    await live.close();
    return `longest task by the thread's own clock: ${cost.join(', ')}`;
  });

  await t.test('a series that was hidden stays hidden while updates arrive', async () => {
    const live = await App.ready(browser, `${site.origin}/?cache_mb=0`);
    const [{ table: events }] = await live.addFiles([eventsFile()]);
    await start(live.page, `SELECT date_bin(INTERVAL '1 day', ts) AS bucket, region, count(*) AS n FROM ${events} GROUP BY bucket, region ORDER BY bucket`);
    await choose(live.page, 'line');
    const blue = () => ofLegend(live.page, [0, 114, 178]);
    let before = await blue();
    for (let tries = 0; tries < 60 && before < 15; tries += 1) {
      await live.page.waitForTimeout(50);
      before = await blue();
    }
    await live.page.locator(canvas).click({ position: { x: 30, y: 9 } });
    await live.page.mouse.move(5, 5);
    await live.page.waitForTimeout(300);
    const hidden = await blue();
    await done(live.page);
    await live.page.waitForTimeout(300);
    const after = await blue();
    assert.ok(before >= 15 && hidden < before / 4 && after < before / 4, `${before}, ${hidden}, ${after} points`);
    await live.close();
  });

  if (process.env.MILLRACE_PICTURES) {
    for (const [name, options] of [
      ['wide-dark', { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' }],
      ['narrow-light', { viewport: { width: 390, height: 844 }, colorScheme: 'light' }],
      ['narrow-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
      ['contrast', { viewport: { width: 1440, height: 900 }, contrast: 'more' }],
    ]) {
      const other = await App.ready(browser, site.origin, options);
      await other.addText('known.csv', [known()], 'known');
      await run(other.page, rowsSql);
      for (const kind of KINDS) {
        await choose(other.page, kind);
        await other.page.waitForTimeout(300);
        await picture(other.page, `${name}-${kind}`);
      }
      await other.close();
    }
  }

  await t.test('nothing of all this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
}
