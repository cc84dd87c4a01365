// The smoke test in Firefox as distributions ship it, driven by WebDriver BiDi.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

import { eventsFile } from '../data.mjs';
import { difference, referenceDatabase } from '../duckdb.mjs';

// Firefox lost workers that workers had started when other processes were busy, once in five starts of an engine.
const BUSY_PROCESSES = 3;
const BUSY_STARTS = 6;
const NAMES = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const SQL = `SELECT region, count(*) AS n, avg(price) AS mean, max(ts) AS newest
  FROM events GROUP BY region ORDER BY region`;

export default async function firefox(t, { site }) {
  const executablePath = process.env.FIREFOX ?? NAMES.find((name) => existsSync(name));
  if (executablePath === undefined) throw new Error('no Firefox found; install it or set FIREFOX to its path');
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true, protocolTimeout: 180_000 });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${site.origin}/`);
    await page.waitForFunction(() => window.millrace !== undefined);

    await t.test('the engine starts with threads', async () => {
      const { threads, isolated } = await page.evaluate(() => window.millrace.ready);
      assert.equal(isolated, true);
      assert.ok(threads >= 1);
      return `${threads} threads`;
    });

    const file = eventsFile();
    await t.test('a big file from disk is read with snapshots and equals DuckDB\'s result', async () => {
      const input = await page.evaluateHandle(() => {
        const input = document.createElement('input');
        input.type = 'file';
        // Some drivers only find elements that are part of the document.
        document.body.append(input);
        return input;
      });
      await input.uploadFile(file);
      const result = await page.evaluate(async (input, sql) => {
        await window.millrace.addFiles([...input.files], { table: 'events' });
        const fractions = [];
        const onSnapshot = ({ fraction }) => fractions.push(fraction);
        const { rows, stats } = await window.millrace.query(sql, { onSnapshot });
        const cells = rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? { int: String(cell) } : cell)));
        return { cells, stats, fractions };
      }, input, SQL);
      const rows = result.cells.map((row) => row.map((cell) => (cell?.int === undefined ? cell : BigInt(cell.int))));
      const duckdb = await referenceDatabase({ events: { file, types: { ts: 'TIMESTAMP' } } });
      assert.equal(difference(rows, await duckdb.rows(SQL)), null);
      assert.ok(result.fractions.length >= 5, `${result.fractions.length} snapshots`);
      assert.ok(result.stats.threadsBusyMax >= Math.min(2, result.stats.threads));
      return `${(result.stats.elapsedMillis / 1e3).toFixed(2)} s, ${result.fractions.length} snapshots`;
    });

    await t.test('cancel works', async () => {
      const outcome = await page.evaluate(async (sql) => {
        await window.millrace.clearCache();
        const controller = new AbortController();
        let at;
        const onSnapshot = () => {
          at ??= performance.now();
          controller.abort();
        };
        const ended = window.millrace.query(sql, { onSnapshot, signal: controller.signal });
        return ended.then(() => 'done', ({ kind }) => [kind, performance.now() - at]);
      }, SQL);
      assert.equal(outcome[0], 'cancelled', `${outcome}`);
      assert.ok(outcome[1] < 1_000, `it took ${outcome[1]} ms`);
      return `${outcome[1].toFixed(0)} ms`;
    });

    await t.test('nothing of all this was an error of the page', () => assert.deepEqual(errors, []));

    await t.test('the engine starts beside busy processes', async () => {
      const busy = Array.from({ length: BUSY_PROCESSES }, () => spawn(process.execPath, ['-e', 'for (;;);']));
      try {
        for (let start = 0; start < BUSY_STARTS; start += 1) {
          await page.goto(`${site.origin}/?start=${start}`);
          await page.waitForFunction(() => window.millrace !== undefined);
          await page.evaluate(() => window.millrace.ready);
        }
      } finally {
        for (const each of busy) each.kill();
      }
    });
  } finally {
    await browser.close();
  }
}
