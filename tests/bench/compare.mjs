// Whether two engines gave the same rows.

/** Says where two tables differ first, or gives `null`. Numbers may differ in their last digits. */
export function difference(rows, expected) {
  if (rows.length !== expected.length) return `${rows.length} rows instead of ${expected.length}`;
  for (let index = 0; index < rows.length; index += 1) {
    for (let column = 0; column < expected[index].length; column += 1) {
      const [a, b] = [rows[index][column], expected[index][column]];
      const same = typeof b === 'number' ? Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)) : a === b;
      if (!same) return `row ${index}, column ${column}: ${a} instead of ${b}`;
    }
  }
  return null;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
