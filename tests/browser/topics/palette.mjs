// The list of all commands, the keys, and results that are taken along.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { run, saved, sql } from '../work.mjs';

export default async function palette(t, { browser, site }) {
  const app = await App.ready(browser, site.origin, { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = app;
  const list = page.locator('[data-panel=palette]');
  const entries = list.locator('[data-command]');
  const names = () => entries.evaluateAll((all) => all.map((entry) => entry.dataset.command));
  await app.addText('cities.csv', ['name,people\n"a|b",3\n"x ""y""",\n'], 'cities');

  await t.test('Ctrl+K lists what can be done, and writing finds it', async () => {
    await page.locator('[data-part=editor] .cm-content').click();
    await page.keyboard.press('Control+k');
    await list.waitFor();
    const all = await names();
    assert.ok(all.length > 12 && new Set(all).size === all.length, `${all}`);
    // There is no result yet, and one tab only.
    assert.ok(!all.includes('save-csv') && !all.includes('next-tab') && all.includes('theme'), `${all}`);
    await page.keyboard.insertText('new qu');
    assert.deepEqual(await names(), ['new-tab', 'copy-tab']);
    await page.keyboard.press('Enter');
    await list.waitFor({ state: 'detached' });
    assert.equal(await page.locator('[data-panel=tabs] [role=tab]').count(), 2);
    await page.keyboard.press('Control+k');
    await page.keyboard.insertText('go query_1');
    await page.keyboard.press('Enter');
    assert.match(await sql(page), /cities/);
    await page.keyboard.press('Control+k');
    await page.keyboard.insertText('no such thing');
    await list.getByText('Nothing is called that.').waitFor();
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'detached' });
  });

  await t.test('arrows move through the list, and the menu has the same commands', async () => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    const before = await theme();
    await page.keyboard.press('Control+k');
    await page.keyboard.insertText('colours');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForFunction((before) => document.documentElement.dataset.theme !== before, before);
    const inMenu = await page.locator('[data-menu]').evaluateAll((all) => all.map((entry) => entry.dataset.menu));
    await page.keyboard.press('Control+k');
    const all = await names();
    const missing = inMenu.filter((name) => !['palette', 'undo', 'redo'].includes(name) && !all.includes(name));
    assert.deepEqual(missing, []);
    await page.keyboard.press('Escape');
  });

  await t.test('? tells the keys, but not where text is written', async () => {
    const keys = page.locator('[data-part=keys]');
    await page.locator('[data-part=editor] .cm-content').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('?');
    assert.match(await sql(page), /\?$/);
    assert.equal(await keys.count(), 0);
    await page.keyboard.press('Backspace');
    await page.locator('[data-panel=tabs] [role=tab]').first().focus();
    await page.keyboard.press('?');
    await keys.waitFor();
    assert.match(await keys.innerText(), /All commands[\s\S]*Ctrl\s*K[\s\S]*New query[\s\S]*Alt\s*T/);
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
  });

  await t.test('rows are copied as TSV and Markdown, and saved as JSON lines and CSV', async () => {
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    const told = page.locator('[data-part=taken-along]');
    await run(page, 'SELECT * FROM cities ORDER BY name');
    await page.locator('[data-take-along=tsv]').click();
    await told.getByText('Copied 2 rows.').waitFor();
    assert.equal(await clipboard(), 'name\tpeople\na|b\t3\n"x ""y"""\t\n');
    await page.getByRole('columnheader', { name: /name/ }).click();
    await page.getByRole('columnheader', { name: /name/ }).click();
    await page.keyboard.press('Control+k');
    await page.keyboard.insertText('markdown');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => navigator.clipboard.readText().then((text) => text.startsWith('| name')));
    // In the order shown: the last name first.
    assert.equal(await clipboard(), '| name | people |\n| --- | ---: |\n| x "y" |  |\n| a\\|b | 3 |\n');
    const lines = await saved(page, page.locator('[data-take-along=ndjson]'));
    assert.equal(lines.name, 'millrace-result.ndjson');
    assert.equal(String(lines.bytes), '{"name":"x \\"y\\"","people":null}\n{"name":"a|b","people":3}\n');
    const csv = await saved(page, page.locator('[data-download=csv]'));
    assert.equal(String(csv.bytes).replaceAll('\r', ''), 'name,people\n"x ""y""",\na|b,3\n');
  });

  await t.test('a large result is copied up to a limit that is told, and saved whole', async () => {
    await run(page, 'SELECT a.value AS n FROM generate_series(1, 120000) AS a');
    await page.locator('[data-take-along=tsv]').click();
    const told = page.locator('[data-part=taken-along]');
    await told.getByText('Copied the first 100,000 of 120,000 rows').waitFor({ timeout: 30_000 });
    const lines = await saved(page, page.locator('[data-take-along=ndjson]'));
    assert.equal(String(lines.bytes).split('\n').length, 120_001);
    assert.deepEqual(app.errors, []);
  });
  await app.close();
}
