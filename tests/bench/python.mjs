// A Python of our own with what comes from PyPI.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { folder } from './folders.mjs';

/** The native DuckDB that is compared with. */
export const DUCKDB = 'duckdb==2.0.0';

const installed = new Set();

/** The interpreter, after the packages have been installed beside it. */
export function python(packages) {
  const venv = join(folder, 'venv');
  const program = join(venv, 'bin/python');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' });
  }
  const missing = packages.filter((name) => !installed.has(name));
  if (missing.length > 0) {
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...missing];
    execFileSync(program, install, { stdio: 'inherit' });
    missing.forEach((name) => installed.add(name));
  }
  return program;
}
