// Whether two engines gave the same rows, in whatever order, and figures of several runs.

const TOLERANCE = 1e-9;
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/;

/**
 * Says how two results differ, or gives `null`. Rows are sorted before; numbers may differ by rounding. What
 * one engine can only give as text or as a big integer is read as the number that the other gave.
 */
export function difference(rows, expected) {
  if (rows.length !== expected.length) return `${rows.length} rows instead of ${expected.length}`;
  const width = expected[0]?.length ?? 0;
  const narrow = rows.find((row) => row.length !== width);
  if (narrow !== undefined) return `${narrow.length} columns instead of ${width}`;
  const numeric = Array.from({ length: width }, (_, column) =>
    expected.some((row) => typeof row[column] === 'number' || typeof row[column] === 'bigint'));
  // Columns of fractions decide the order last, because they are equal only nearly.
  const fractional = numeric.map((is, column) => is && expected.some((row) => !Number.isInteger(Number(row[column]))));
  const order = [...fractional.keys()].sort((a, b) => fractional[a] - fractional[b]);
  const plain = (cells) => cells.map((cell, column) => plainCell(cell, numeric[column]));
  const sorted = (table) => table.map(plain).sort((a, b) => {
    const column = order.find((column) => !same(a[column], b[column]));
    return column === undefined ? 0 : before(a[column], b[column]) ? -1 : 1;
  });
  const [ours, theirs] = [sorted(rows), sorted(expected)];
  for (let index = 0; index < ours.length; index += 1) {
    const column = order.find((column) => !same(ours[index][column], theirs[index][column]));
    if (column !== undefined) {
      return `sorted row ${index}, column ${column}: ${ours[index][column]} instead of ${theirs[index][column]}`;
    }
  }
  return null;
}

function plainCell(cell, numeric) {
  if (cell === null || cell === undefined) return null;
  // Engines do not agree whether the correlation of equal values is NaN or null.
  if (numeric) return cell === '' || Number.isNaN(Number(cell)) ? null : Number(cell);
  if (typeof cell === 'string' && INSTANT.test(cell)) return new Date(cell.replace(' ', 'T')).toISOString();
  return typeof cell === 'boolean' ? String(cell) : cell;
}

function same(a, b) {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b));
}

function before(a, b) {
  return a === null || (b !== null && a < b);
}

/** The middle value, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The geometric mean. */
export function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
