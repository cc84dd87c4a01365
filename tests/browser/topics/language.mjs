// The page in Simplified Chinese: by the browser's language, by the menu, and kept.
import assert from 'node:assert/strict';

import { App } from '../app.mjs';
import { write } from '../work.mjs';

const lang = (page) => page.evaluate(() => document.documentElement.lang);

/** Words in Latin letters that buttons, headings and labels of the page show, without names and SQL. */
function latin(page) {
  return page.evaluate(() => {
    const found = new Set();
    const elements = document.querySelectorAll('button, h1, h2, h3, label, legend, summary, th, [aria-label], [title]');
    for (const element of elements) {
      if (element.closest('.cm-editor, [data-panel=rows], [data-table], kbd') || element.checkVisibility?.() === false) continue;
      const own = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent);
      for (const text of [...own, element.getAttribute('aria-label'), element.getAttribute('title')]) {
        if (text && /[a-z]{3,}/i.test(text) && !/[\u4e00-\u9fff]/.test(text)) found.add(text.trim());
      }
    }
    return [...found];
  });
}

/** What is called the same in both languages. */
const SAME = /^(Millrace|SQL|PNG|SVG|CSV|TSV|Excel|Arrow|Parquet|ndjson|markdown|tsv|English|query_\d+|Enter|Ctrl|Esc|Ctrl\+Enter|sales|day|paid|kind|price|at|region)( \d[\d.]*)?$/i;

export default async function language(t, { browser, site }) {
  await t.test('the browser\'s language is spoken, and another one that is chosen is kept', async () => {
    const app = await App.ready(browser, site.origin, { locale: 'zh-CN' });
    const { page } = app;
    assert.equal(await lang(page), 'zh-CN');
    await page.getByRole('button', { name: '选择文件' }).first().waitFor();
    await app.addText('sales.csv', ['at,kind,price\n', { text: '2026-01-02T03:04:05Z,a,1.5\n', times: 5 }], 'sales');
    await write(page, 'SELECT kind, count(*) AS n FROM sales GROUP BY kind');
    await page.keyboard.press('Control+Enter');
    await page.locator('[data-panel=run-bar] [data-part=coverage]').getByText('精确').waitFor();
    const rest = (await latin(page)).filter((text) => !SAME.test(text));
    // Texts that the engine and the summary of a chart put together stay in English.
    const few = rest.filter((text) => !/chart of|Exact\.|rows? ·|engine/i.test(text));
    assert.ok(few.length <= 12, few.join(' | '));
    // What was made stays as it was.
    await page.locator('[data-part=menu]').click();
    await page.locator('[data-menu=language]').click();
    await page.locator('[data-panel=run-bar] [data-part=run]').getByText('Run').waitFor();
    assert.equal(await lang(page), 'en');
    await page.locator('[data-table=sales]').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Choose files' }).first().waitFor();
    assert.deepEqual(app.errors, []);
    await app.close();
    return `${few.length} left: ${few.join(' | ')}`;
  });

  await t.test('a failure is told in Chinese by its kind', async () => {
    const app = await App.ready(browser, site.origin, { locale: 'zh-CN' });
    const { page } = app;
    await app.addText('sales.csv', ['kind,price\n', { text: 'a,1.5\n', times: 5 }], 'sales');
    await write(page, 'SELECT prise FROM sales');
    await page.keyboard.press('Control+Enter');
    await page.getByText('这条 SQL 还无法运行').first().waitFor();
    assert.deepEqual(app.errors, []);
    await app.close();
  });
}
