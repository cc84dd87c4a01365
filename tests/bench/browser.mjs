// Engines in Chromium: Millrace's built site, and the pages of others.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { filesFromDisk, launchChromium, rendererPids } from '../browser/chromium.mjs';
import { serve } from '../browser/server.mjs';
import { dist, here, root } from './folders.mjs';

/** How often a query is run once more in the same page, of which the median is taken. */
const REPEATED_RUNS = 5;
/** How long a page has been open when it gets its files. */
const SETTLE_MILLIS = 2_000;

/** Calls `use` with a browser and the address of a site, both of which are gone afterwards. */
async function withSite(mounts, limitMillis, use) {
  const site = await serve(mounts);
  const browser = await launchChromium();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer after ${limitMillis / 1e3} s`)), limitMillis);
  });
  try {
    return await Promise.race([use(browser, site.origin), late]);
  } finally {
    clearTimeout(timer);
    await browser.close();
    await site.close();
  }
}

/** Makes the renderers forget the most memory that they have had. */
async function forgetPeaks(browser) {
  for (const pid of await rendererPids(browser)) await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => {});
}

/** The most memory that a renderer has had resident since, in bytes. The kernel keeps it, so nothing is slowed. */
async function peakBytes(browser) {
  const peaks = (await rendererPids(browser)).map(async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  });
  return Math.max(0, ...(await Promise.all(peaks)));
}

/** Processor seconds so far of the page's own process and of all others of the browser, which read the files for it. */
async function cpuSeconds(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sum = (wanted) => processInfo.filter(wanted).reduce((total, { cpuTime }) => total + cpuTime, 0);
  return { page: sum(({ type }) => type === 'renderer'), others: sum(({ type }) => type !== 'renderer') };
}

/**
 * Times a query from the dropped files to the exact rows. Each run has a page of its own, so that nothing is left
 * of the one before; `millis` is adding the files and the query together, `queryMillis` the query alone,
 * `againMillis` the same query once more in the same page, the median of some runs; `cpuSeconds` what both took of all
 * processors, where nothing is run again. One further page asks for snapshots as well.
 */
export function runApp(_, query, { tables, runs, limitMillis }) {
  const sql = query.sqls.millrace ?? query.sql;
  return withSite({ '/': dist }, limitMillis, async (browser, origin) => {
    const address = `${origin}/${query.address ?? ''}`;
    const answer = { browser: browser.version(), millis: [], queryMillis: [], cpuSeconds: [], peakBytes: 0 };
    if (query.again) answer.againMillis = [];
    for (let run = 0; run < runs; run += 1) {
      const { page, ready } = await openApp(browser, address, tables);
      await forgetPeaks(browser);
      const before = await cpuSeconds(browser);
      const result = await page.evaluate(askApp, { sql, again: query.again, repeatedRuns: REPEATED_RUNS });
      answer.peakBytes = Math.max(answer.peakBytes, await peakBytes(browser));
      if (!query.again) {
        const after = await cpuSeconds(browser);
        answer.cpuSeconds.push({ page: after.page - before.page, others: after.others - before.others });
      }
      answer.millis.push(result.millis);
      answer.queryMillis.push(result.queryMillis);
      answer.againMillis?.push(result.againMillis);
      Object.assign(answer, { rows: result.rows, threads: result.threads, version: ready.version });
      await page.close();
    }
    const { page } = await openApp(browser, address, tables);
    const { snapshotMillis, queryMillis } = await page.evaluate(askApp, { sql, snapshots: true });
    answer.snapshots = { millis: snapshotMillis, queryMillis };
    return answer;
  });
}

/** A page with the engine ready and the files chosen, but not yet given to it. */
export async function openApp(browser, address, tables) {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction(() => window.millrace !== undefined);
  const ready = await page.evaluate(() => window.millrace.ready);
  // Nobody drops a file faster; the engine warms up meanwhile.
  await page.waitForTimeout(SETTLE_MILLIS);
  const files = await filesFromDisk(page, Object.values(tables).map(({ file }) => file));
  await page.evaluate(([names, files]) => {
    window.chosen = names.map((name, index) => [name, files[index]]);
  }, [Object.keys(tables), files]);
  return { page, ready };
}

/** Runs in the page: adds the files, asks once or more often, and notes when snapshots came. */
export async function askApp({ sql, again, repeatedRuns, snapshots }) {
  const start = performance.now();
  for (const [table, file] of window.chosen) await window.millrace.addFiles([file], { table });
  const added = performance.now();
  const times = [];
  const onSnapshot = () => times.push(performance.now() - added);
  const { rows, stats } = await window.millrace.query(sql, snapshots ? { onSnapshot } : {});
  const end = performance.now();
  const repeats = [];
  for (let run = 0; again && run < repeatedRuns; run += 1) {
    const begin = performance.now();
    await window.millrace.query(sql);
    repeats.push(performance.now() - begin);
  }
  const plain = rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)));
  return {
    millis: end - start,
    queryMillis: end - added,
    againMillis: repeats.sort((a, b) => a - b)[repeats.length >> 1],
    snapshotMillis: times,
    threads: stats.threads,
    rows: plain,
  };
}

/** Runs a query in an engine of `peers.mjs`, several times in one page. */
export function runPeer(engine, query, { tables, runs, threads, limitMillis }) {
  const mounts = { '/': here, '/node_modules/': join(here, '../node_modules'), '/worker/': join(root, 'www/worker') };
  return withSite(mounts, limitMillis, async (browser, origin) => {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`${engine}: ${error}`));
    await page.goto(`${origin}/peers.html`);
    await page.waitForFunction(() => window.peersReady === true);
    await page.setInputFiles('#files', Object.values(tables).map(({ file }) => file));
    const told = Object.entries(tables).map(([name, table]) => ({ ...table, name, file: basename(table.file) }));
    const call = { engine, sql: query.sqls[engine] ?? query.sql, tables: told, runs, threads };
    const answer = await page.evaluate((call) => window.runPeer(call), call);
    return { browser: browser.version(), ...answer };
  });
}
