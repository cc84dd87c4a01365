// The scenarios of the engine in the browser: every query over small tables gives its rows, or its error, whatever the
// threads and the length of splits.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { parseCsv } from '../../bench/native.mjs';
import { App } from '../app.mjs';
import { root } from '../data.mjs';

const FOLDER = join(root, 'tests/scenarios');
const SHAPES = ['?threads=1&split_bytes=7', '?threads=2&split_bytes=64', '?threads=4&split_bytes=31&cache_mb=0'];

export default async function scenarios(t, { browser, site }) {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.scenario')).sort()) {
    await t.test(file, async () => {
      const { tables, cases } = parse(readFileSync(join(FOLDER, file), 'utf8'));
      for (const shape of SHAPES) {
        const app = await App.ready(browser, `${site.origin}/${shape}`);
        for (const [name, text] of tables) {
          await app.addText(name.includes('.') ? name : `${name}.csv`, [text], name.split('.')[0]);
        }
        for (const { sql, rows, ordered, error } of cases) {
          const about = `${shape}\n${sql}`;
          if (error !== undefined) {
            const { message } = await app.failure(sql);
            assert.equal(message.split('\n')[0], error, about);
            continue;
          }
          const { columns, rows: given } = await app.query(sql);
          const [names, ...expected] = parseCsv(`${rows.join('\n')}\n`.replaceAll('⏎', '\n'));
          assert.deepEqual(columns.map(({ name }) => name), names.map((name) => name ?? ''), about);
          // A null that is the only field of its record is written in quotes.
          for (const record of expected) if (record.length === 1 && record[0] === '') record[0] = null;
          const written = given.map((row) => JSON.stringify(row.map((cell, column) => plain(cell, columns[column].type))));
          const wanted = expected.map((row) => JSON.stringify(row.map((cell, column) => plain(cell, columns[column]?.type))));
          assert.deepEqual(ordered ? written : written.sort(), ordered ? wanted : wanted.sort(), about);
        }
        await app.close();
      }
      return `${cases.length} queries`;
    });
  }
}

/** Tables and queries of a scenario file, whose form `tests/scenarios/main.rs` describes. */
function parse(text) {
  const [tables, cases] = [[], []];
  for (const section of text.split('--- ').slice(1)) {
    const end = section.indexOf('\n');
    const [kind, ...words] = section.slice(0, end).split(' ');
    const body = section.slice(end + 1);
    if (kind === 'table') tables.push([words[0], `${body.replace(/\n+$/, '')}\n`]);
    else if (kind === 'query') cases.push({ sql: body.trim() });
    else if (kind === 'rows') Object.assign(cases.at(-1), { rows: body.trimEnd().split('\n'), ordered: words.length === 0 });
    else if (kind === 'error') Object.assign(cases.at(-1), { error: body.split('\n')[0] });
    else throw new Error(`no section is called '${kind}'`);
  }
  return { tables, cases };
}

/** A cell of a result, or of CSV: numbers by their value, all else as it is written. */
function plain(cell, type = '') {
  if (cell === null || cell === undefined) return null;
  const isNumber = /INT|DOUBLE|REAL|FLOAT|DECIMAL/.test(type) && !/\[|STRUCT|LIST|MAP|INTERVAL/.test(type);
  if (isNumber && cell !== '') return Number(cell);
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}
