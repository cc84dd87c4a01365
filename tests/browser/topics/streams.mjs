// Streams: windows over generated rows and growing files, what is told of them, and going on after a reload.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';

const START = Date.UTC(2024, 0, 1);
const WINDOWED = (table, seconds = 1) => `SELECT window_start, key, count(*) AS n, sum(value) AS total
  FROM TUMBLE(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '${seconds}' SECOND) GROUP BY window_start, window_end, key`;
const byText = (rows) => rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).sort();

/** A line of CSV, `number` of them in order of time, a second apart. */
const line = (number) => `${new Date(START + number * 1e3).toISOString()},k${number % 3},${number}\n`;
const lines = (from, to) => Array.from({ length: to - from }, (_, index) => line(from + index)).join('');
const HEADER = 'ts,key,value\n';

export default async function streams(t, { browser, site }) {
  const app = await App.ready(browser, `${site.origin}/`);
  const { page } = app;
  await page.evaluate(helpers);

  await t.test('windows over generated rows are those over the same rows as a file', async () => {
    const got = await page.evaluate(async ([sql, start]) => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 20_000, rows: 60_000, startMillis: start,
        disorderMillis: 400, delayMillis: 400, keys: 5, seed: 7 };
      const all = await millrace.stream('SELECT ts, key, value, number FROM s', { sources: [source] }).ended;
      const windows = await millrace.stream(sql, { sources: [source] }).ended;
      return { all: all.rows, windows: windows.rows, status: windows.status };
    }, [WINDOWED('s'), START]);
    assert.equal(got.all.length, 60_000);
    assert.deepEqual([got.status.rowsIn, got.status.lateRows, got.status.stateRows], [60_000, 0, 0]);
    const text = `ts,key,value,number\n${got.all.map((row) => row.join(',')).join('\n')}\n`;
    await app.addText('generated.csv', [text]);
    const { rows } = await app.query(WINDOWED('generated'));
    assert.deepEqual(byText(got.windows), byText(rows));
    return `${rows.length} rows of windows`;
  });

  await t.test('updates and complete results end as appended rows do', async () => {
    const ended = await page.evaluate(async ([sql, start]) => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 10_000, rows: 20_000, startMillis: start };
      return Promise.all(['append', 'update', 'complete'].map(async (mode) => {
        let results = 0;
        const stream = millrace.stream(sql, { sources: [source], mode, onResult: () => (results += 1) });
        const { rows } = await stream.ended;
        return { rows, results };
      }));
    }, [WINDOWED('s'), START]);
    const [append, update, complete] = ended.map(({ rows }) => byText(rows));
    assert.ok(append.length > 0);
    assert.deepEqual(update, append);
    assert.deepEqual(complete, append);
    for (const { results } of ended.slice(1)) assert.ok(results > 3, `${results} results`);
  });

  await t.test('late rows are counted and can be read', async () => {
    const { status, late, windows } = await page.evaluate(async ([sql, start]) => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 20_000, rows: 40_000, startMillis: start,
        lateShare: 0.01, lateMillis: 5000 };
      const stream = millrace.stream(sql, { sources: [source] });
      const { status, rows } = await stream.ended;
      return { status, late: await stream.lateRows('s'), windows: rows };
    }, [WINDOWED('s'), START]);
    assert.ok(status.lateRows > 100 && status.lateRows < 500, `${status.lateRows} late rows`);
    assert.equal(late.rows.length, status.lateRows);
    assert.deepEqual(late.columns.map(({ name }) => name), ['ts', 'key', 'value', 'number']);
    const counted = windows.reduce((sum, row) => sum + row[2], 0n);
    assert.equal(Number(counted) + status.lateRows, 40_000);
    return `${status.lateRows} rows`;
  });

  await t.test('a paused stream takes no rows, goes on, and stops', async () => {
    const seen = await page.evaluate(async (start) => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 5_000, startMillis: start };
      const stream = millrace.stream('SELECT number FROM s', { sources: [source] });
      await until(() => stream.status().rowsIn > 1_000);
      stream.pause();
      await until(() => stream.status().phase === 'paused');
      const paused = stream.status().rowsIn;
      await sleep(700);
      const still = stream.status().rowsIn;
      stream.resume();
      await until(() => stream.status().rowsIn > paused + 1_000);
      const { status, rows } = await stream.stop();
      return { paused, still, phase: status.phase, rowsIn: status.rowsIn, rows: rows.map(([number]) => number) };
    }, START);
    assert.equal(seen.still, seen.paused);
    assert.equal(seen.phase, 'stopped');
    assert.equal(seen.rows.length, seen.rowsIn);
    assert.ok(seen.rows.every((number, index) => number === BigInt(index)), 'a row is missing or twice');
  });

  await t.test('open windows are given when they are closed on stopping', async () => {
    const ended = await page.evaluate(async ([sql, start]) => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 2_000, startMillis: start };
      const run = async (closeWindows) => {
        const stream = millrace.stream(sql, { sources: [source] });
        await until(() => stream.status().rowsIn > 500);
        const { rows, status } = await stream.stop({ closeWindows });
        return { rowsIn: status.rowsIn, counted: Number(rows.reduce((sum, row) => sum + row[2], 0n)) };
      };
      return Promise.all([run(false), run(true)]);
    }, [WINDOWED('s', 60), START]);
    assert.equal(ended[0].counted, 0);
    assert.equal(ended[1].counted, ended[1].rowsIn);
  });

  await t.test('a growing file is followed, cut and replaced', async () => {
    const seen = await page.evaluate(async ([header, first, more, half, rest, other]) => {
      const handle = await makeFile('growing.csv', header + first);
      const stream = millrace.stream('SELECT key, value FROM t', { sources: [{ table: 't', kind: 'file', handle }] });
      const values = async () => (await stream.rows()).rows.map(([, value]) => Number(value));
      const steps = [];
      const wait = async (rows) => {
        await until(() => stream.status()?.rowsOut >= rows);
        steps.push(await values());
      };
      await wait(3);
      await append(handle, more);
      await wait(5);
      await append(handle, half);
      await sleep(400);
      steps.push(await values());
      await append(handle, rest);
      await wait(6);
      await replace(handle, header + other);
      await wait(7);
      const notices = stream.status().notices;
      await replace(handle, 'a,b\n1,2\n');
      const failure = await stream.ended.catch(({ kind, message }) => ({ kind, message }));
      return { steps, notices, failure };
    }, [HEADER, lines(0, 3), lines(3, 5), line(5).slice(0, 10), line(5).slice(10), lines(90, 91)]);
    assert.deepEqual(seen.steps[0], [0, 1, 2]);
    assert.deepEqual(seen.steps[1], [0, 1, 2, 3, 4]);
    assert.deepEqual(seen.steps[2], [0, 1, 2, 3, 4]);
    assert.deepEqual(seen.steps[3], [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(seen.steps[4], [0, 1, 2, 3, 4, 5, 90]);
    assert.match(seen.notices.at(-1), /growing\.csv .* read again from its beginning/);
    assert.match(seen.failure.message, /another first line/);
  });

  await t.test('a stream that cannot be says why', async () => {
    const failures = await page.evaluate(async () => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 100 };
      const failure = (sql, options) => millrace.stream(sql, { sources: [source], ...options }).ended
        .then(() => null, ({ kind, message, hint }) => ({ kind, message, hint }));
      return [
        await failure('SELECT nothing FROM s'),
        await failure('SELECT key, count(*) FROM s GROUP BY key'),
        await failure('SELECT key FROM other'),
        await failure('SELECT key FROM s', { sources: [{ ...source, eventTime: 'none' }, { ...source, kind: 'file', handle: await makeFile('e.csv', '') }] }),
      ];
    });
    assert.match(failures[0].message, /nothing/);
    assert.ok(failures[1].hint.length > 0, JSON.stringify(failures[1]));
    assert.match(failures[2].hint, /Its streams are: s/);
    assert.match(failures[3].message, /holds no whole line yet/);
  });

  await t.test('nothing of all this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
}

/** What the tests need in the page. */
function helpers() {
  window.sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
  window.until = async (holds, millis = 20_000) => {
    const end = performance.now() + millis;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`it did not come true in ${millis} ms: ${holds}`);
      await sleep(20);
    }
  };
  // Files of the browser's own have the same handles as files that a person picks.
  window.makeFile = async (name, text) => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle(name, { create: true });
    await replace(handle, text);
    return handle;
  };
  window.replace = async (handle, text) => {
    const writer = await handle.createWritable();
    await writer.write(text);
    await writer.close();
  };
  window.append = async (handle, text) => {
    const writer = await handle.createWritable({ keepExistingData: true });
    await writer.seek((await handle.getFile()).size);
    await writer.write(text);
    await writer.close();
  };
}
