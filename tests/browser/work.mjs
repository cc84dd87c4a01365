// What tests of the page do again and again.
import { readFile } from 'node:fs/promises';

const editorText = '[data-part=editor] .cm-content';

/** Replaces the text of the editor. */
export async function write(page, text) {
  await page.locator(editorText).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** The text of the editor. */
export function sql(page) {
  return page.locator(editorText).evaluate((content) => {
    if (content.querySelector('.cm-placeholder')) return '';
    return [...content.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\n');
  });
}

/** Writes a query, runs it with the keyboard and waits for its exact result. */
export async function run(page, text) {
  await write(page, text);
  await page.keyboard.press('Control+Enter');
  const coverage = page.locator('[data-panel=run-bar] [data-part=coverage]');
  await coverage.getByText('exact', { exact: true }).waitFor({ timeout: 60_000 });
  await page.locator('[data-panel=run-bar] [data-part=run]').waitFor();
}

/** Names of the page's tables. */
export function tableNames(page) {
  return page.locator('[data-panel=sources] [data-table]').evaluateAll((cards) => cards.map((card) => card.dataset.table));
}

/** The file that a click saves. */
export async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const path = await download.path();
  return { name: download.suggestedFilename(), bytes: await readFile(path), path };
}
