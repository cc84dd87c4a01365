// Starts Chromium, and looks at its processes from outside.
import { readFile, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const NAMES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where the browser is. `CHROMIUM` names another program than the usual ones. */
export function chromiumPath() {
  const path = process.env.CHROMIUM ?? NAMES.find((name) => existsSync(name));
  if (path === undefined) throw new Error('no Chromium found; install it or set CHROMIUM to its path');
  return path;
}

/** Starts a browser with an empty profile and `more` options. */
export async function launchChromium(more = []) {
  return chromium.launch({
    executablePath: chromiumPath(),
    // Everything here runs pages of this machine alone, and containers often lack what the sandbox needs.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

/**
 * Gives `File` objects of files on disk to the page, as a person picking them would, and returns a handle of
 * the array.
 */
export async function filesFromDisk(page, paths) {
  const input = await page.evaluateHandle(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    return input;
  });
  await input.asElement().setInputFiles(paths);
  return input.evaluateHandle((input) => [...input.files]);
}

/** Process ids of the renderers. */
export async function rendererPids(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

/** Resident memory of a process in bytes: `Rss` of `/proc/<pid>/smaps_rollup`, 0 when it is gone. */
export async function residentBytes(pid) {
  try {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Rss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Samples the largest renderer's resident memory until `stop`, which gives the peak in bytes. */
export async function watchMemory(browser, everyMillis = 100) {
  const pids = await rendererPids(browser);
  let peak = 0;
  let samples = 0;
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      for (const pid of pids) peak = Math.max(peak, await residentBytes(pid));
      samples += 1;
      await new Promise((resolve) => setTimeout(resolve, everyMillis));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await loop;
      return { peakBytes: peak, samples };
    },
  };
}

/** Memory that the largest renderer has resident now. */
export async function residentNow(browser) {
  const pids = await rendererPids(browser);
  return Math.max(...await Promise.all(pids.map(residentBytes)));
}

/** CPU time of each thread of the renderers so far, in milliseconds, by thread id. */
export async function threadCpuMillis(browser) {
  const times = new Map();
  for (const pid of await rendererPids(browser)) {
    for (const tid of await readdir(`/proc/${pid}/task`)) {
      const text = await readFile(`/proc/${pid}/task/${tid}/stat`, 'utf8').catch(() => '');
      // The name in parentheses may hold spaces; user and system time are fields 14 and 15 of proc(5), in
      // ticks of 10 ms.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      if (fields.length > 12) times.set(tid, (Number(fields[11]) + Number(fields[12])) * 10);
    }
  }
  return times;
}
