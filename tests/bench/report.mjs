// Tables in Markdown of what was measured of a workload.
import { median } from './compare.mjs';
import { ENGINES } from './engines.mjs';
import { met, snapshotPace } from './goals.mjs';

const NONE = '–';
const seconds = (millis) => (Number.isFinite(millis) ? (millis / 1e3).toFixed(millis < 1e3 ? 3 : 2) : NONE);
const number = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : NONE);

/** A table whose first column is text and whose others are numbers. */
export function table(head, rows) {
  const line = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, line, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Times of all engines, and how many times as long as the first one each took. */
function times(figures, { rate }) {
  const { engines, queries } = figures;
  const [base] = engines;
  const head = engines.map((engine) => {
    const { title, where } = ENGINES[engine];
    const { version, threads } = queries.map(({ name }) => figures.result(engine, name)).find(Boolean) ?? {};
    const place = [where, threads && `${threads} thread${threads === 1 ? '' : 's'}`].filter(Boolean).join(', ');
    return `${[title, version].filter(Boolean).join(' ')} (${place})`;
  });
  const cell = (engine, millis, baseMillis) => {
    const ratio = Number.isFinite(millis / baseMillis) ? ` (${(millis / baseMillis).toFixed(2)})` : '';
    return `${seconds(millis)}${ratio}`;
  };
  const rows = queries.flatMap(({ name, again }) => [
    [name, ...engines.map((engine) => {
      const { error, wrong } = figures.results[name]?.[engine] ?? {};
      if (error !== undefined) return wrong ? '**wrong**' : 'failed';
      return cell(engine, figures.millis(engine, name), figures.millis(base, name));
    })],
    ...(rate
      ? [[`${name}, MB/s`, ...engines.map((engine) => number(figures.megabytesPerSecond(engine, name), 0))]]
      : []),
    ...(again
      ? [[`${name}, again`, ...engines.map((engine) =>
        cell(engine, figures.againMillis(engine, name), figures.againMillis(base, name)))]]
      : []),
  ]);
  if (queries.length > 2) {
    rows.push(['geometric mean of ratios', ...engines.map((engine) => number(figures.meanRatio(engine, base), 2))]);
  }
  return table(['seconds (ratio)', ...head], rows);
}

/** What only Millrace's page is asked: the query alone, the second run, snapshots, memory. */
function ownTable(figures) {
  const rows = figures.queries.flatMap(({ name }) => {
    const result = figures.result('millrace', name);
    if (result === undefined) return [];
    const { firstMillis, perSecond } = snapshotPace(result);
    const [first, second] = [figures.queryMillis('millrace', name), figures.againMillis('millrace', name)];
    const cells = [seconds(first), seconds(second), number(second / first, 2), number(firstMillis, 0)];
    const cpu = ['page', 'others'].map((part) => number(median(result.cpuSeconds?.map((cpu) => cpu[part]) ?? []), 2));
    return [[name, ...cells, number(perSecond, 1), number(result.peakBytes / 1e6, 0), ...cpu]];
  });
  const snapshots = ['first snapshot, ms', 'snapshots/s'];
  const head = ['Millrace', 'query alone, s', 'again, s', 'again : first', ...snapshots, 'peak MB',
    'CPU of the page, s', 'CPU of the browser, s'];
  return rows.length === 0 ? '' : table(head, rows);
}

function goalTable(engines, goals) {
  // Goals are those of the page.
  const rows = !engines.includes('millrace') ? [] : goals.map((goal) => {
    const sign = goal.better === 'below' ? '≤' : '≥';
    const verdict = { true: 'met', false: '**not met**' }[met(goal)] ?? 'not measured';
    return [goal.goal, `${sign} ${goal.limit}`, number(goal.measured, 2), verdict];
  });
  return rows.length === 0 ? '' : table(['goal', 'wanted', 'measured', ''], rows);
}

function failureList(figures) {
  return figures.engines
    .flatMap((engine) => figures.failures(engine).map((query) => {
      const reason = figures.results[query][engine].error.split('\n')[0].slice(0, 300);
      return `- ${query}, ${ENGINES[engine].title} (${ENGINES[engine].where}): ${reason}`;
    }))
    .join('\n');
}

/** Everything about a workload but its heading. */
export function tables(workload, figures) {
  const goals = goalTable(figures.engines, workload.goals(figures));
  const parts = [times(figures, workload), ownTable(figures), goals, failureList(figures)];
  return parts.filter((part) => part !== '').join('\n\n');
}
