// Streams with checkpoints whose pages and engines end at any moment. The page has `start` and `until` of the topic.
import assert from 'node:assert/strict';

/**
 * Starts the streams so many times, lets `write` write for a while, and ends them: each third time with the engine,
 * else with the page. Gives how often a checkpoint of all was there to go on from.
 */
export async function endOften(page, { name, sqls, times, write }) {
  let checkpoints = 0;
  for (let kill = 0; kill < times; kill += 1) {
    await page.evaluate(([name, sqls, resume]) => start(name, sqls, resume), [name, sqls, checkpoints > 0]);
    const end = performance.now() + 500 + Math.random() * 1_500;
    while (performance.now() < end) await write();
    const made = await page.evaluate(() => running.every((stream) => stream.status().checkpoint?.madeMillis));
    if (made) checkpoints += 1;
    if (kill % 3 === 2) {
      await page.evaluate(async () => {
        millrace.fault('worker_trap');
        await Promise.all(running.map((stream) => stream.ended.catch(() => {})));
      });
    } else {
      await page.reload();
      await page.waitForFunction(() => window.millrace !== undefined);
      await page.evaluate(() => millrace.ready);
    }
    if (!made && checkpoints === 0) await page.evaluate((names) => Promise.all(names.map(millrace.dropCheckpoint)), [0, 1].map((index) => `${name} ${index}`));
  }
  assert.ok(checkpoints > 0, 'no checkpoint was made in time');
  return checkpoints;
}

/** Goes on once more until all that was written has come. Gives the rows of the streams, the second with its windows closed. */
export function goOnToTheEnd(page, { name, sqls }, written) {
  return page.evaluate(async ([name, sqls, written]) => {
    await start(name, sqls, true);
    await until(() => running.every((stream) => stream.status().rowsIn === written));
    const ends = await Promise.all(running.map((stream, index) => stream.stop({ closeWindows: index === 1 })));
    return ends.map((end) => end.rows);
  }, [name, sqls, written]);
}
