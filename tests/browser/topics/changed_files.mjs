// Files that change or vanish while they are read, or between being added and being read.
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, linkSync, mkdtempSync, openSync, closeSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { App } from '../app.mjs';
import { eventsFile } from '../data.mjs';

const SQL = 'SELECT region, count(*), avg(price) FROM victim GROUP BY region';

/** What is done to the file; each begins with a copy of its own, except where no byte changes. */
const HARMS = {
  'is deleted': { place: linkSync, harm: unlinkSync },
  'grows': { place: copyFileSync, harm: (file) => appendFileSync(file, '2026-01-01T00:00:00.000Z,1,tea-07,east,1.00,1,\n') },
  'is written over in place': {
    place: copyFileSync,
    harm(file) {
      const descriptor = openSync(file, 'r+');
      writeSync(descriptor, 'X'.repeat(4096), 1_000_000);
      closeSync(descriptor);
    },
  },
};

export default async function changedFiles(t, { browser, site }) {
  const events = eventsFile();
  const app = await App.ready(browser, site.origin);
  let onPartial = () => {};
  await app.page.exposeFunction('harmNow', () => onPartial());

  for (const [name, { place, harm }] of Object.entries(HARMS)) {
    const folder = mkdtempSync(join(dirname(events), 'harm-'));
    const file = join(folder, 'victim.csv');

    await t.test(`a file that ${name} while it is read ends the query alone`, async () => {
      place(events, file);
      await app.addFiles([file], 'victim');
      onPartial = () => harm(file);
      const outcome = await app.page.evaluate(async (sql) => {
        let harmed;
        const onSnapshot = ({ fraction }) => {
          if (harmed === undefined && fraction < 0.8) {
            harmed = fraction;
            window.harmNow();
          }
        };
        try {
          const { rows } = await window.millrace.query(sql, { onSnapshot });
          return { harmed, rows: rows.length };
        } catch ({ kind, message, hint }) {
          return { harmed, kind, message, hint };
        }
      }, SQL);
      assert.ok(outcome.harmed > 0, 'there was no snapshot in time');
      assert.equal(outcome.kind, 'file_changed', JSON.stringify(outcome));
      assert.match(outcome.message, /victim\.csv/);
    });

    await t.test(`a file that ${name} before it is read is refused`, async () => {
      rmSync(file, { force: true });
      place(events, file);
      await app.addFiles([file], 'victim_2');
      harm(file);
      const error = await app.failure('SELECT count(*), max(price) FROM victim_2');
      assert.equal(error.kind, 'file_changed');
    });

    rmSync(folder, { recursive: true });
  }

  await t.test('afterwards the engine reads as before', async () => {
    await app.addFiles([eventsFile(20e6)], 'fine');
    const { rows } = await app.query('SELECT count(DISTINCT region), count(*) > 200000 FROM fine');
    assert.deepEqual(rows, [[5n, true]]);
  });
  await app.close();
}
