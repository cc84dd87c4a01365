// Streams: windows over generated rows and growing files, what is told of them, and going on after a reload.
import assert from 'node:assert/strict';
import { appendFileSync, truncateSync } from 'node:fs';

import { App } from '../app.mjs';
import { endOften, goOnToTheEnd } from '../ends.mjs';
import { writeFile } from '../data.mjs';

const START = Date.UTC(2024, 0, 1);
const WINDOWED = (table, seconds = 1) => `SELECT window_start, key, count(*) AS n, sum(value) AS total
  FROM TUMBLE(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '${seconds}' SECOND) GROUP BY window_start, window_end, key`;
const byText = (rows) => rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).sort();

/** A line of CSV, `number` of them in order of time, a second apart. */
const line = (number) => `${new Date(START + number * 1e3).toISOString()},k${number % 3},${number}\n`;
const lines = (from, to) => Array.from({ length: to - from }, (_, index) => line(from + index)).join('');
const HEADER = 'ts,key,value\n';

/** How often pages and engines end; `MILLRACE_KILLS=50` for a longer look. */
const KILLS = Number(process.env.MILLRACE_KILLS ?? 5);
const KILLS_OF_A_ROUND = 5;

export default async function streams(t, { browser, site }) {
  const app = await App.ready(browser, `${site.origin}/`);
  const { page } = app;
  await page.addInitScript(helpers);
  await page.evaluate(helpers);

  await t.test('windows over generated rows are those over the same rows as a file', async () => {
    const got = await page.evaluate(async ([sql, start]) => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 10_000, rows: 30_000, startMillis: start,
        disorderMillis: 400, delayMillis: 400, keys: 5, seed: 7 };
      const all = await millrace.stream('SELECT ts, key, value, number FROM s', { sources: [source] }).ended;
      const windows = await millrace.stream(sql, { sources: [source] }).ended;
      return { all: all.rows, windows: windows.rows, status: windows.status };
    }, [WINDOWED('s'), START]);
    assert.equal(got.all.length, 30_000);
    assert.deepEqual([got.status.rowsIn, got.status.lateRows, got.status.stateRows], [30_000, 0, 0]);
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

  await t.test('windows go by the clock where the time of arrival is the event time', async () => {
    const { status, rows, now } = await page.evaluate(async (start) => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 1_000, startMillis: start, byArrival: true };
      const sql = `SELECT window_start, count(*) AS n, min(arrival_time) AS first, max(arrival_time) AS last
        FROM TUMBLE(TABLE s, DESCRIPTOR(arrival_time), INTERVAL '1' SECOND) GROUP BY window_start, window_end`;
      const stream = millrace.stream(sql, { sources: [source] });
      await until(() => stream.status()?.rowsOut >= 3);
      const { lagMillis, lateRows } = stream.status();
      const { rows } = await stream.stop();
      return { status: { lagMillis, lateRows }, rows, now: Date.now() };
    }, START);
    assert.equal(status.lateRows, 0);
    assert.ok(status.lagMillis >= 0 && status.lagMillis < 2_000, `${status.lagMillis} ms behind`);
    for (const [start, , first, last] of rows) {
      const begin = Date.parse(start);
      assert.ok(begin % 1e3 === 0 && begin <= now && now - begin < 60_000, start);
      assert.ok(Date.parse(first) >= begin && Date.parse(last) < begin + 1e3, `${start}: ${first} to ${last}`);
    }
    const counts = rows.slice(1).map(([, n]) => Number(n));
    assert.ok(counts.every((n) => n > 500 && n < 1_500), counts.join());
    return `${rows.length} windows`;
  });

  await t.test('rows of a stream are looked up in a table of a file', async () => {
    await app.addText('names.csv', ['key,name\nk0,zero\nk1,one\nk1,uno\nk9,nine\n']);
    const got = await page.evaluate(async (start) => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 10_000, rows: 20_000, startMillis: start, keys: 4, seed: 3 };
      const run = (sql) => millrace.stream(sql, { sources: [source] }).ended;
      const { rows: all } = await run('SELECT key FROM s');
      const { rows: joined } = await run(`SELECT window_start, name, count(*) AS n
        FROM TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' SECOND) AS windows LEFT JOIN names AS named ON windows.key = named.key
        GROUP BY window_start, window_end, name`);
      const refused = await run('SELECT number FROM s UNION ALL SELECT 1 FROM names').catch(({ message, hint }) => ({ message, hint }));
      return { keys: all.map(([key]) => key), joined, refused };
    }, START);
    const named = (key) => ({ k0: ['zero'], k1: ['one', 'uno'] })[key] ?? [null];
    const expected = new Map();
    for (const name of got.keys.flatMap(named)) expected.set(name, (expected.get(name) ?? 0) + 1);
    const counted = new Map();
    for (const [, name, n] of got.joined) counted.set(name, (counted.get(name) ?? 0) + Number(n));
    assert.deepEqual([...counted].sort(), [...expected].sort());
    assert.match(got.refused.message, /table of files/);
    assert.ok(got.refused.hint.length > 0);
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

  await t.test('a file on disk that another program appends to all the time loses no row', async () => {
    const path = writeFile('on_disk.csv', HEADER + line(0));
    await drop(app, path);
    await page.evaluate(() => {
      window.stream = millrace.stream('SELECT value FROM t', { sources: [{ table: 't', kind: 'file', handle: dropped }] });
      stream.ended.catch((error) => (window.failed = error.message));
    });
    let written = 1;
    for (const end = Date.now() + 5_000; Date.now() < end; ) {
      appendFileSync(path, lines(written, written + 20));
      written += 20;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    }
    await page.evaluate((written) => until(() => stream.status().rowsIn === written || window.failed), written);
    assert.equal(await page.evaluate(() => window.failed), undefined);
    // The rows are given a moment after they have come.
    await page.evaluate((written) => until(async () => (await stream.rows()).rows.length >= Math.min(written, 100_000)), written);
    truncateSync(path, HEADER.length);
    appendFileSync(path, line(7));
    await page.evaluate((written) => until(() => stream.status().rowsIn === written + 1 || window.failed), written);
    const { rows, status } = await page.evaluate(() => stream.stop());
    assert.deepEqual(rows.map(([value]) => Number(value)), [...Array.from({ length: written }, (_, index) => index), 7].slice(-100_000));
    assert.match(status.notices.at(-1), /on_disk\.csv is shorter than before/);
    return `${written} rows`;
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

  // Each time the page is loaded anew, or the engine is lost, while rows are appended and checkpoints made.
  for (let round = 1; round <= Math.ceil(KILLS / KILLS_OF_A_ROUND); round += 1) {
    await t.test(`no row is lost or doubled by ${KILLS_OF_A_ROUND} ends at any moment, round ${round}`, async () => {
      const name = `kept-${round}.csv`;
      let written = 50;
      await page.evaluate(([name, text]) => makeFile(name, text), [name, HEADER + lines(0, written)]);
      const sqls = ['SELECT value FROM t', WINDOWED('t', 10)];
      const write = async () => {
        // Sometimes the beginning of a line, whose rest follows.
        const more = written + Math.ceil(Math.random() * 40);
        const text = lines(written, more);
        const cut = Math.random() < 0.5 ? text.length : Math.floor(Math.random() * text.length);
        await page.evaluate(([name, text]) => appendTo(name, text), [name, text.slice(0, cut)]);
        if (cut < text.length) await page.evaluate(([name, text]) => appendTo(name, text), [name, text.slice(cut)]);
        written = more;
      };
      const checkpoints = await endOften(page, { name, sqls, times: KILLS_OF_A_ROUND, write });
      const [rows, windows] = await goOnToTheEnd(page, { name, sqls }, written);
      assert.deepEqual(rows.map(([value]) => Number(value)), Array.from({ length: written }, (_, index) => index));
      await app.addText(`all_${round}.csv`, [HEADER + lines(0, written)]);
      assert.deepEqual(byText(windows), byText((await app.query(WINDOWED(`all_${round}`, 10))).rows));
      await page.evaluate((names) => Promise.all(names.map(millrace.dropCheckpoint)), [0, 1].map((index) => `${name} ${index}`));
      app.errors = app.errors.filter((error) => !/unreachable/.test(error));
      return `${written} rows, ${checkpoints} times gone on`;
    });
  }

  await t.test('a stream runs in one tab only', async () => {
    const other = await app.context.newPage();
    await other.goto(`${site.origin}/`);
    await other.waitForFunction(() => window.millrace !== undefined);
    const run = (tab) => tab.evaluate(async () => {
      const source = { table: 's', kind: 'generator', rowsPerSecond: 100 };
      window.only = millrace.stream('SELECT key FROM s', { sources: [source], checkpoint: { name: 'only' } });
      return Promise.race([
        new Promise((resolve) => setInterval(() => only.status().phase === 'running' && resolve('running'), 50)),
        only.ended.catch(({ message }) => message),
      ]);
    });
    assert.equal(await run(page), 'running');
    assert.match(await run(other), /runs in another tab/);
    await other.close();
    await page.evaluate(() => only.stop());
  });

  await t.test('a stream is started in the dialog, watched, paused, stopped and gone on with', async () => {
    await page.reload();
    await page.waitForFunction(() => window.millrace !== undefined);
    await page.evaluate(() => millrace.ready);
    const panel = page.locator('[data-panel=stream]');
    const figure = async (part) => Number((await panel.locator(`[data-stream=${part}]`).innerText()).replace(/\D/g, ''));
    const phase = (words) => panel.locator('[data-part=stream-phase]').getByText(words).waitFor({ timeout: 20_000 });
    await page.locator('[data-part=open-stream]').first().click();
    const form = page.locator('[data-panel=stream-form]');
    await form.locator('[data-stream-field=rate]').fill('many');
    await form.locator('[data-part=start-stream]').click();
    assert.match(await form.locator('[data-part=stream-problem]').innerText(), /Rows a second must be a number/);
    // By the time of arrival there is no delay to choose, and the query that is offered goes by it.
    const time = form.locator('[data-stream-field=time]');
    await time.selectOption({ label: 'processing time: when a row arrives' });
    await form.locator('[data-part=arrival-hint]').waitFor();
    assert.equal(await form.locator('[data-stream-field=delay]').count(), 0);
    assert.match(await form.locator('[data-stream-field=sql]').getAttribute('placeholder'), /DESCRIPTOR\(arrival_time\)/);
    await time.selectOption({ label: 'event time: a column of the rows' });
    assert.match(await form.locator('[data-stream-field=sql]').getAttribute('placeholder'), /DESCRIPTOR\(ts\)/);
    await form.locator('[data-stream-field=rate]').fill('2000');
    await form.locator('[data-stream-field=late]').fill('5');
    await form.locator('[data-stream-field=keep]').check();
    await form.locator('[data-part=start-stream]').click();
    await phase('running');
    await page.locator('[data-chart=canvas] canvas').waitFor({ timeout: 30_000 });
    await page.waitForFunction(() => Number(document.querySelector('[data-panel=rows] [data-rows]')?.dataset.rows) >= 16, undefined, { timeout: 30_000 });
    assert.ok(await figure('rows') > 4_000);
    assert.equal(await page.locator('[data-panel=rows] [data-coverage=stream]').innerText(), 'live');
    await page.waitForFunction(() => Number(document.querySelector('[data-stream=late]').textContent) > 0, undefined, { timeout: 20_000 });
    await panel.locator('[data-part=open-late-rows]').click();
    await page.locator('[data-part=late-rows] tbody tr').first().waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('[data-download=late-rows]').click()]);
    assert.equal(download.suggestedFilename(), 'millrace-late-rows.csv');
    await page.keyboard.press('Escape');
    await panel.locator('[data-part=pause-stream]').click();
    await phase('paused');
    await panel.locator('[data-part=pause-stream]').click();
    await phase('running');
    await panel.locator('[data-part=stop-stream]').click();
    await phase('stopped');
    const stopped = await figure('rows');
    await page.reload();
    await page.waitForFunction(() => window.millrace !== undefined);
    await page.locator('[data-part=open-stream]').first().click();
    await page.locator('[data-part=kept-streams] [data-part=go-on]').first().click();
    await phase('running');
    assert.ok(await figure('rows') >= stopped, 'it began anew');
    await panel.locator('[data-part=stop-stream]').click();
    await phase('stopped');
  });

  await t.test('nothing of all this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
}

/** Drops a file from disk onto the page, as the browser gives handles for those too: it is `dropped` there. */
async function drop({ context, page }, path) {
  await page.evaluate(() => {
    window.dropping = new Promise((resolve, reject) => {
      const take = (event) => {
        event.preventDefault();
        event.stopImmediatePropagation();
        event.dataTransfer.items[0].getAsFileSystemHandle().then(resolve, reject);
      };
      window.addEventListener('dragover', (event) => event.preventDefault(), { capture: true, once: true });
      window.addEventListener('drop', take, { capture: true, once: true });
    });
  });
  const session = await context.newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await session.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  await session.detach();
  await page.evaluate(async () => {
    window.dropped = await dropping;
  });
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
  window.appendTo = async (name, text) => append(await (await navigator.storage.getDirectory()).getFileHandle(name), text);
  // Two streams over one file, each with checkpoints of its own.
  window.start = async (name, sqls, resume) => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(name);
    const sources = [{ table: 't', kind: 'file', handle }];
    window.running = sqls.map((sql, index) => millrace.stream(sql, {
      sources, checkpoint: { name: `${name} ${index}`, everyMillis: 500, resume },
    }));
    const ends = running.map((stream) => stream.ended.catch((error) => error));
    await until(() => running.every((stream) => stream.status().phase === 'running'));
    return ends.length;
  };
  window.append = async (handle, text) => {
    const writer = await handle.createWritable({ keepExistingData: true });
    await writer.seek((await handle.getFile()).size);
    await writer.write(text);
    await writer.close();
  };
}
