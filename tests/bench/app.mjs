// Millrace itself in the benchmark: the built site in Chromium, with real files from disk.
import { serve } from '../browser/server.mjs';
import { filesFromDisk, launchChromium } from '../browser/chromium.mjs';

const QUERIES = {
  group: 'SELECT category, count(*), avg(price), max(price) FROM events GROUP BY category ORDER BY category',
  tumble: `SELECT date_trunc('minute', ts) AS minute, region, count(*), avg(price), max(price)
    FROM events GROUP BY minute, region ORDER BY minute, region`,
};

/**
 * Times one query from the dropped file to the exact rows. Each run has a page of its own, so that nothing
 * is left of the one before; `millis` is adding the file and the query together, `queryMillis` the query.
 */
export async function runApp(dist, query, file, runs) {
  const site = await serve({ '/': dist });
  const browser = await launchChromium();
  try {
    const answer = { millis: [], queryMillis: [] };
    for (let run = 0; run < runs; run += 1) {
      const page = await browser.newPage();
      await page.goto(`${site.origin}/`);
      await page.waitForFunction(() => window.millrace !== undefined);
      const ready = await page.evaluate(() => window.millrace.ready);
      const files = await filesFromDisk(page, [file]);
      const result = await page.evaluate(async ([files, sql]) => {
        const start = performance.now();
        await window.millrace.addFiles(files, { table: 'events' });
        const added = performance.now();
        const { rows, stats } = await window.millrace.query(sql);
        const end = performance.now();
        const plain = rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)));
        return { millis: end - start, queryMillis: end - added, rows: plain, threads: stats.threads };
      }, [files, QUERIES[query]]);
      answer.millis.push(result.millis);
      answer.queryMillis.push(result.queryMillis);
      answer.rows = result.rows;
      answer.version = ready.version;
      answer.threads = result.threads;
      await page.close();
    }
    if (query === 'tumble') {
      answer.rows = answer.rows.map(([minute, ...rest]) => [Date.parse(minute), ...rest]);
    }
    return answer;
  } finally {
    await browser.close();
    await site.close();
  }
}
