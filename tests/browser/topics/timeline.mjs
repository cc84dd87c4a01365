// What the threads did for a query: as data for scripts, and as a table and a drawing on the page.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';

const editorText = '[data-part=editor] .cm-content';
const canvas = '[data-part=timeline-canvas]';
const sqlOf = (table) => `SELECT category, count(*) AS n, avg(price) AS mean FROM ${table}
  WHERE quantity > 1 GROUP BY category ORDER BY category`;

/** Checks what must hold of any timeline. */
function check({ threads, elapsedMicros, planningMicros, idleFraction, kinds, stages, spans, reads }) {
  const ends = new Map();
  let busy = 0;
  for (const { thread, stage, startMicros, endMicros } of spans) {
    assert.ok(thread < threads && (stage === null || stage < stages.length), `thread ${thread}, stage ${stage}`);
    assert.ok(startMicros >= (ends.get(thread) ?? 0) && startMicros <= endMicros && endMicros <= elapsedMicros);
    ends.set(thread, endMicros);
    busy += endMicros - startMicros;
  }
  assert.equal(kinds.reduce((sum, { busyMicros }) => sum + busyMicros, 0), busy);
  const idle = 1 - busy / (threads * (elapsedMicros - planningMicros));
  assert.ok(Math.abs(idle - idleFraction) < 1e-6, `${idleFraction} instead of ${idle}`);
  for (const { startMicros, endMicros } of reads) assert.ok(startMicros <= endMicros && endMicros <= elapsedMicros);
}

export default async function timeline(t, { browser, site }) {
  // Columns that are kept in memory would make later scans too short to look at.
  const app = await App.ready(browser, `${site.origin}/?cache_mb=0`);
  const { page } = app;
  const told = () => page.evaluate(() => window.millrace.timeline());

  await t.test('before a query there is no timeline', async () => assert.equal(await told(), null));

  const [{ table }] = await app.addFiles([eventsFile(200e6)]);

  await t.test('a finished query tells what each thread did for which task', async () => {
    const { stats } = await app.query(sqlOf(table));
    const timeline = await told();
    check(timeline);
    const { threads, running, elapsedMicros, stages, spans, reads } = timeline;
    assert.equal(running, false);
    assert.equal(threads, stats.threads);
    const millis = elapsedMicros / 1e3;
    assert.ok(Math.abs(millis - stats.elapsedMillis) < 100, `${millis} ms of ${stats.elapsedMillis} ms`);
    assert.equal(new Set(spans.map(({ thread }) => thread)).size, threads);
    assert.match(stages[0].name, new RegExp(`^scan ${table}, (filter, )?partial aggregate$`));
    assert.ok(stages.every(({ tasks, tasksDone, operators }) => tasks === tasksDone && operators.length > 0));
    assert.equal(stages.at(-1).rows, 100);
    // Each task of the scan has read its split and decoded it.
    const numbers = Array.from({ length: stages[0].tasks }, (_, index) => index);
    const ofTasks = (list) => [...new Set(list.map(({ task }) => task))].sort((a, b) => a - b);
    assert.deepEqual(ofTasks(reads), numbers);
    assert.deepEqual(ofTasks(spans.filter(({ kind }) => kind === 'decode')), numbers);
    assert.equal(reads.reduce((sum, { bytes }) => sum + bytes, 0), stages[0].bytesRead);
    assert.ok(stages[0].bytesRead >= stats.bytesRead);
    // The two threads do nearly all of it at the same time, unless the machine is busy with other things.
    assert.ok(timeline.idleFraction < 0.6, `${timeline.idleFraction} idle`);
    return `${spans.length} spans, ${reads.length} reads, idle for ${(timeline.idleFraction * 100).toFixed(0)} %`;
  });

  await t.test('a query that runs tells it, too', async () => {
    const seen = await page.evaluate(async (sql) => {
      const running = window.millrace.query(sql);
      const seen = [];
      let last;
      do {
        last = await window.millrace.timeline();
        seen.push(last);
        await new Promise((later) => setTimeout(later, 50));
      } while (last.running && seen.length < 1_000);
      await running;
      return seen;
    }, sqlOf(table));
    seen.forEach(check);
    const midway = seen.filter(({ running, spans }) => running && spans.length > 0);
    assert.ok(midway.length >= 2, `${midway.length} of ${seen.length} while it ran`);
    assert.ok(midway[0].stages[0].tasksDone < midway.at(-1).stages[0].tasksDone);
    assert.equal(seen.at(-1).running, false);
    return `${midway.length} timelines while it ran`;
  });

  await t.test('the page draws it, and tells the stages in a table', async () => {
    await page.locator(editorText).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(sqlOf(table));
    await page.keyboard.press('Control+Enter');
    await page.locator('[data-part=timeline-toggle]').click();
    await page.locator('[data-panel=run-bar] [data-part=coverage]').getByText('exact', { exact: true }).waitFor({ timeout: 60_000 });
    const summary = page.locator('[data-part=timeline-summary]');
    await summary.filter({ hasText: /^\d+ threads?, idle for \d+ % of / }).waitFor({ timeout: 5_000 });
    // The view looks once more when the query has ended.
    await page.waitForTimeout(1_000);
    const { stages } = await told();
    const lines = await page.locator('[data-part=stages] tbody tr').allInnerTexts();
    assert.ok(lines.length >= stages.length, lines.join('\n'));
    stages.forEach(({ name, tasks }, index) => {
      assert.ok(lines[index].includes(name) && lines[index].includes(String(tasks)), lines[index]);
    });
    const drawn = await page.locator(canvas).evaluate((element) => {
      const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height);
      const colours = new Map();
      for (let at = 0; at < data.length; at += 4) {
        const colour = data.slice(at, at + 4).join();
        colours.set(colour, (colours.get(colour) ?? 0) + 1);
      }
      const pixels = element.width * element.height;
      const { width } = element.getBoundingClientRect();
      const large = [...colours].filter(([colour, count]) => !colour.endsWith(',0') && count > pixels / 200);
      return { ratio: element.width / width / devicePixelRatio, width, large: large.length };
    });
    assert.ok(drawn.width > 500 && Math.abs(drawn.ratio - 1) < 0.01, JSON.stringify(drawn));
    // Lanes, and at least decoding and reads in them.
    assert.ok(drawn.large >= 3, `${drawn.large} colours`);
    return summary.innerText();
  });

  await t.test('arrow keys and the pointer tell the work of a thread', async () => {
    const text = page.locator('[data-part=timeline-told]');
    const from = await page.evaluate(() => performance.now());
    await page.locator('[data-panel=timeline] [role=application]').focus();
    await page.keyboard.press('ArrowRight');
    await text.filter({ hasText: /^thread 1: .*stage 0.* from / }).waitFor({ timeout: 2_000 });
    await page.keyboard.press('ArrowDown');
    await text.filter({ hasText: /^thread 2: / }).waitFor({ timeout: 2_000 });
    const { width } = await page.locator(canvas).boundingBox();
    await page.locator(canvas).hover({ position: { x: width / 2, y: 24 } });
    await text.filter({ hasText: /^(thread 1: |Planning)/ }).waitFor({ timeout: 2_000 });
    // Each of these draws everything anew.
    const tasks = await app.longTasks(from, await page.evaluate(() => performance.now()));
    assert.deepEqual(tasks.filter(({ duration }) => duration > 50), []);
  });

  await t.test('nothing of all this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
}
