// Files that the tests read, made once and kept.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const dataFolder = join(root, 'target/e2e');

/** At least 1 GB, and more than 2^30 bytes; `MILLRACE_E2E_BYTES` changes it for a quick look. */
export const EVENTS_BYTES = Number(process.env.MILLRACE_E2E_BYTES ?? 1.1e9);

function generate(name, args) {
  const file = join(dataFolder, name);
  if (existsSync(file)) return file;
  mkdirSync(dataFolder, { recursive: true });
  const cargo = ['run', '--quiet', '--release', '--package', 'millrace-tests', '--bin', 'generate', '--'];
  execFileSync('cargo', [...cargo, ...args, `${file}.part`], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  renameSync(`${file}.part`, file);
  return file;
}

/** The big file of events. */
export function eventsFile(bytes = EVENTS_BYTES) {
  return generate(`events-${bytes}.csv`, ['events', '--bytes', String(bytes), '--seed', '2']);
}

/** The small file that it is joined with. */
export function categoriesFile() {
  return generate('categories.csv', ['categories']);
}

/** Writes a file into a new folder, because its name is the table's. */
export function writeFile(name, content) {
  mkdirSync(dataFolder, { recursive: true });
  const file = join(mkdtempSync(join(dataFolder, 'file-')), name);
  writeFileSync(file, content);
  return file;
}
