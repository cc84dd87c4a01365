// A folder that receives files as the source of a stream: what is read of it, and going on after tabs and engines end.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { endOften, goOnToTheEnd } from '../ends.mjs';

const START = Date.UTC(2024, 0, 1);
const HEADER = 'ts,key,value\n';
const line = (number) => `${new Date(START + number * 1e3).toISOString()},k${number % 3},${number}\n`;
const lines = (from, to) => Array.from({ length: to - from }, (_, index) => line(from + index)).join('');
const upTo = (count) => Array.from({ length: count }, (_, index) => index);
const WINDOWED = (table) => `SELECT window_start, key, count(*) AS n, sum(value) AS total
  FROM TUMBLE(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, key`;
const byText = (rows) => rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).sort();

/** How often pages and engines end; `MILLRACE_KILLS=50` for a longer look. */
const KILLS = Number(process.env.MILLRACE_KILLS ?? 5);
const KILLS_OF_A_ROUND = 5;

export default async function folders(t, { browser, site }) {
  const app = await App.ready(browser, `${site.origin}/`);
  const { page } = app;
  await page.addInitScript(helpers);
  await page.evaluate(helpers);

  await t.test('files are waited for, read as they arrive and grow, and told about when they go', async () => {
    const seen = await page.evaluate(async ([header, first, more, third, half, rest]) => {
      const folder = await makeFolder('inbox');
      const stream = millrace.stream('SELECT value FROM t', { sources: [{ table: 't', kind: 'folder', handle: folder }] });
      const values = async () => (await stream.rows()).rows.map(([value]) => Number(value));
      await until(() => stream.status()?.notices.some((notice) => /first one is waited for/.test(notice)));
      await put(folder, 'a.csv', header + first);
      await until(() => stream.status().rowsOut >= 3);
      await put(folder, 'b.csv', header + more);
      await put(folder, 'c.csv.tmp', 'half of something');
      await put(folder, 'other.csv', 'ts,name\n2024-01-01T00:00:00Z,x\n');
      await until(() => stream.status().rowsOut >= 5);
      await put(folder, 'a.csv', third, true);
      await put(folder, 'd.csv', header + half);
      await until(() => stream.status().rowsOut >= 6);
      await sleep(700);
      const cut = await values();
      await put(folder, 'd.csv', rest, true);
      // The last line of d.csv has no end: it counts when nothing has come for two seconds.
      await until(() => stream.status().rowsOut >= 8);
      await folder.removeEntry('b.csv');
      await put(folder, 'd.csv', header);
      await until(() => stream.status().notices.some((notice) => /b\.csv is gone/.test(notice)));
      await until(() => stream.status().notices.some((notice) => /d\.csv is shorter/.test(notice)));
      const { status, rows } = await stream.stop();
      return { cut, status, values: rows.map(([value]) => Number(value)) };
    }, [HEADER, lines(0, 3), lines(3, 5), line(5), line(6).slice(0, 12), (line(6) + line(7)).slice(12).trimEnd()]);
    assert.deepEqual(seen.cut, upTo(6));
    assert.deepEqual(seen.values, upTo(8));
    const told = seen.status.notices.join('\n');
    assert.match(told, /other\.csv is left out: .*name instead of key, value/);
    assert.match(told, /b\.csv is gone; all that was seen of it has been read/);
    assert.match(told, /d\.csv is shorter than before: it is read again from its beginning/);
    assert.equal(seen.status.badRows, 0);
  });

  await t.test('files that come together are read by their names, or by their times', async () => {
    for (const [order, expected] of [['name', [0, 1, 2]], ['time', [2, 0, 1]]]) {
      const values = await page.evaluate(async ([header, texts, order]) => {
        const folder = await makeFolder(`ordered-${order}`);
        for (const [name, text] of texts) {
          await put(folder, name, header + text);
          await sleep(30);
        }
        const source = { table: 't', kind: 'folder', handle: folder, order };
        const stream = millrace.stream('SELECT value FROM t', { sources: [source] });
        await until(() => stream.status().rowsOut >= 3);
        const { rows } = await stream.stop();
        return rows.map(([value]) => Number(value));
      }, [HEADER, [['z.csv', line(2)], ['a.csv', line(0)], ['b.csv', line(1)]], order]);
      assert.deepEqual(values, expected, order);
    }
  });

  await t.test('a thousand files are read within seconds', async () => {
    const { seconds, rows } = await page.evaluate(async ([header, start]) => {
      const folder = await makeFolder('many');
      const time = (number) => new Date(start + number * 1e3).toISOString();
      for (let file = 0; file < 1_000; file += 1) {
        await put(folder, `${String(file).padStart(4, '0')}.csv`, `${header}${time(file)},a,${2 * file}\n${time(file)},b,${2 * file + 1}\n`);
      }
      const began = performance.now();
      const stream = millrace.stream('SELECT value FROM t', { sources: [{ table: 't', kind: 'folder', handle: folder }] });
      await until(() => stream.status().rowsOut >= 2_000);
      const seconds = (performance.now() - began) / 1e3;
      const { rows } = await stream.stop();
      return { seconds, rows: rows.map(([value]) => Number(value)) };
    }, [HEADER, START]);
    assert.deepEqual(rows, upTo(2_000));
    return `${seconds.toFixed(1)} s`;
  });

  // Each time the page is loaded anew, or the engine is lost, while files arrive, grow and go, and checkpoints are made.
  for (let round = 1; round <= Math.ceil(KILLS / KILLS_OF_A_ROUND); round += 1) {
    await t.test(`no row is lost or doubled by ${KILLS_OF_A_ROUND} ends at any moment, round ${round}`, async () => {
      const name = `kept-${round}`;
      let written = 20;
      let file = 0;
      await page.evaluate(([name, text]) => makeFolder(name).then((folder) => put(folder, '0000.csv', text)), [name, HEADER + lines(0, written)]);
      const sqls = ['SELECT value FROM t', WINDOWED('t')];
      const putIn = (text, append) => page.evaluate(async ([name, file, text, append]) => {
        const root = await navigator.storage.getDirectory();
        await put(await root.getDirectoryHandle(name), `${String(file).padStart(4, '0')}.csv`, text, append);
      }, [name, file, text, append]);
      const write = async () => {
        const more = written + Math.ceil(Math.random() * 40);
        const text = lines(written, more);
        if (Math.random() < 0.5) {
          // Sometimes the beginning of a line, whose rest follows.
          const cut = Math.random() < 0.5 ? text.length : Math.floor(Math.random() * text.length);
          await putIn(text.slice(0, cut), true);
          if (cut < text.length) await putIn(text.slice(cut), true);
        } else {
          file += 1;
          await putIn(HEADER + text, false);
        }
        written = more;
      };
      const checkpoints = await endOften(page, { name, sqls, times: KILLS_OF_A_ROUND, write });
      const [rows, windows] = await goOnToTheEnd(page, { name, sqls }, written);
      // A file may grow after it was looked at and before the next one comes, so that it is gone on with behind that.
      assert.deepEqual(rows.map(([value]) => Number(value)).sort((a, b) => a - b), upTo(written));
      await app.addText(`all_${round}.csv`, [HEADER + lines(0, written)]);
      assert.deepEqual(byText(windows), byText((await app.query(WINDOWED(`all_${round}`))).rows));
      await page.evaluate((names) => Promise.all(names.map(millrace.dropCheckpoint)), [0, 1].map((index) => `${name} ${index}`));
      app.errors = app.errors.filter((error) => !/unreachable/.test(error));
      return `${written} rows in ${file + 1} files, ${checkpoints} times gone on`;
    });
  }

  await t.test('a stream over a folder is started in the dialog', async () => {
    await page.reload();
    await page.waitForFunction(() => window.millrace !== undefined);
    await page.evaluate(() => millrace.ready);
    // The browser's own dialog cannot be driven: a folder of the site's own stands in for what a person picks.
    await page.evaluate(async ([header, text]) => {
      const folder = await makeFolder('picked');
      await put(folder, 'a.csv', header + text);
      window.showDirectoryPicker = async () => folder;
    }, [HEADER, lines(0, 4)]);
    await page.locator('[data-part=open-stream]').first().click();
    const form = page.locator('[data-panel=stream-form]');
    await form.locator('[data-stream-field=kind]').selectOption({ label: 'A folder that receives files' });
    await form.locator('[data-part=start-stream]').click();
    assert.match(await form.locator('[data-part=stream-problem]').innerText(), /Choose the folder/);
    await form.locator('[data-part=pick-folder]').click();
    await form.locator('[data-part=stream-file]').getByText('picked').waitFor();
    await form.locator('[data-part=start-stream]').click();
    await page.waitForFunction(() => document.querySelector('[data-panel=rows] [data-rows]')?.dataset.rows === '4', undefined, { timeout: 20_000 });
    const panel = page.locator('[data-panel=stream]');
    await panel.locator('[data-part=stop-stream]').click();
    await panel.locator('[data-part=stream-phase]').getByText('stopped').waitFor();
  });

  await t.test('nothing of all this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
}

/** What the tests need in the page. Folders of the browser's own have the same handles as those that a person picks. */
function helpers() {
  window.sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
  window.until = async (holds, millis = 30_000) => {
    const end = performance.now() + millis;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`it did not come true in ${millis} ms: ${holds}`);
      await sleep(20);
    }
  };
  window.makeFolder = async (name) => {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(name, { recursive: true }).catch(() => {});
    return root.getDirectoryHandle(name, { create: true });
  };
  window.put = async (folder, name, text, append = false) => {
    const handle = await folder.getFileHandle(name, { create: true });
    const writer = await handle.createWritable({ keepExistingData: append });
    if (append) await writer.seek((await handle.getFile()).size);
    await writer.write(text);
    await writer.close();
  };
  // Two streams over one folder, each with checkpoints of its own.
  window.start = async (name, sqls, resume) => {
    const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle(name);
    const sources = [{ table: 't', kind: 'folder', handle, delayMillis: 1e8 }];
    window.running = sqls.map((sql, index) => millrace.stream(sql, {
      sources, checkpoint: { name: `${name} ${index}`, everyMillis: 500, resume },
    }));
    running.forEach((stream) => stream.ended.catch(() => {}));
    await until(() => running.every((stream) => stream.status().phase === 'running'));
  };
}
