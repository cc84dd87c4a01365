// What the measurements were made on, and whether it had nothing else to do.
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Share of all processors' time that was used in between, 0 to 1. */
async function busyShare(millis) {
  const read = () => {
    const times = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
    // user nice system idle iowait irq softirq steal; guest times are part of user.
    const all = times.slice(0, 8).reduce((sum, time) => sum + time, 0);
    return { all, idle: times[3] + times[4] };
  };
  const before = read();
  await sleep(millis);
  const after = read();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

const IDLE_SHARE = 0.1;

/** Waits a while for the machine to become idle, and says what it is. */
export async function describeMachine(waitMillis) {
  const end = Date.now() + waitMillis;
  let busy = await busyShare(2_000);
  while (busy > IDLE_SHARE && Date.now() < end) busy = await busyShare(5_000);
  return {
    processors: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    busyShareBefore: Number(busy.toFixed(3)),
    idle: busy <= IDLE_SHARE,
  };
}
