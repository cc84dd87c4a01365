// docs/BENCHMARKS.md: a section for each workload, replaced when that workload was measured.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { WORKLOADS } from './workloads/index.mjs';

const HEAD = `# Benchmarks

Written by \`cargo xtask bench\`; each section when its workload was measured last. To repeat one:

\`\`\`sh
cargo xtask bench events          # or scaling, reading, profile, formats, h2o, brc, tpch, windows, nexmark, big
\`\`\`

Every engine reads the same files from the page cache with the same number of threads, unless its column
says otherwise, and gives the same rows, or its time does not count. Times are medians in seconds; the ratio
behind each is to the engine in the first column, so above 1 is slower than that. Millrace's times include adding
the files and finding their columns and types, in a new page that has been open for two seconds; other engines of
the browser keep theirs for all runs. In a row \`again\` the same query is run once more in the same
page, the median of five times; there native DuckDB reads a table into which the file was loaded before. Snapshots are measured in a run of
their own. The CPU of the page is what its threads take, for decoding and operators; that of the browser what its other
processes take meanwhile, nearly all of it for reading the file.
`;

/** Sections that others than workloads write: `tests/browser/soak.mjs`. */
const OTHERS = ['soak'];

const begin = (name) => `<!-- begin ${name} -->`;
const end = (name) => `<!-- end ${name} -->`;

const gigabytes = (count) => `${(count / 1e9).toFixed(count < 1e9 ? 2 : 1)} GB`;

/** When and on what something was measured. */
function place({ machine, date, browser }) {
  const { processors, model, memoryBytes, kernel, busyShareBefore, idle } = machine;
  const software = [`Linux ${kernel}`, browser && `Chromium ${browser}`].filter(Boolean).join(', ');
  const busy = idle ? '' : ` The machine was busy before (${Math.round(busyShareBefore * 100)} %): not for records.`;
  return `${date.slice(0, 10)}, ${processors} processors (${model}), ${gigabytes(memoryBytes)} of memory, `
    + `${software}.${busy}`;
}

/** The section of one workload. */
export function section(workload, { tables, runs, summary, bytes, ...where }) {
  const told = `${summary}, ${gigabytes(bytes)} of files; medians of ${runs}. ${place(where)}`;
  return sectionOf(workload.name, [`## ${workload.title}`, workload.measures, told, tables]);
}

/** The section of one of the others: paragraphs, and where they were measured. */
export function otherSection(name, paragraphs, where) {
  return sectionOf(name, [...paragraphs, place(where)]);
}

function sectionOf(name, paragraphs) {
  return [begin(name), ...paragraphs, end(name)].join('\n\n');
}

/** Puts sections into a document in the order of the workloads; others that it has stay as they are. */
export function updateDocument(file, sections) {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const kept = (name) => {
    const [from, to] = [before.indexOf(begin(name)), before.indexOf(end(name))];
    return from < 0 || to < 0 ? undefined : before.slice(from, to + end(name).length);
  };
  const names = [...WORKLOADS.map(({ name }) => name), ...OTHERS];
  const all = names.map((name) => sections[name] ?? kept(name)).filter((text) => text !== undefined);
  writeFileSync(file, `${[HEAD.trim(), ...all].join('\n\n')}\n`);
}
