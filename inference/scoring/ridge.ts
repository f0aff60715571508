/**
 * Least squares of `target` on the columns of `rows` with an intercept, drawn towards `prior` (Hoerl and Kennard 1970, with a
 * prior other than 0): minimises |y − a − Xβ|² + penalty · |β − prior|².
 */
export function ridge(
  rows: readonly (readonly number[])[],
  target: readonly number[],
  { prior, penalty }: { prior: readonly number[]; penalty: number },
): number[] {
  const columns = prior.length;
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  const middle = prior.map((_, at) => mean(rows.map((row) => row[at] ?? 0)));
  const level = mean(target);
  const matrix = Array.from({ length: columns }, (_, i) =>
    Array.from({ length: columns }, (__, j) =>
      rows.reduce(
        (sum, row) => sum + ((row[i] ?? 0) - (middle[i] ?? 0)) * ((row[j] ?? 0) - (middle[j] ?? 0)),
        i === j ? penalty : 0,
      ),
    ),
  );
  const right = prior.map((wanted, i) =>
    rows.reduce(
      (sum, row, at) => sum + ((row[i] ?? 0) - (middle[i] ?? 0)) * ((target[at] ?? 0) - level),
      penalty * wanted,
    ),
  );
  return solve(matrix, right);
}

/** x of Ax = b, for A symmetric and positive definite, as a ridge makes it: no pivoting is needed. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const a = matrix.map((row, at) => [...row, right[at] ?? 0]);
  const at = (i: number, j: number): number => a[i]?.[j] ?? 0;
  const size = right.length;
  for (let column = 0; column < size; column++)
    for (let row = column + 1; row < size; row++) {
      const factor = at(row, column) / at(column, column);
      a[row] = (a[row] ?? []).map((value, j) => value - factor * at(column, j));
    }
  const x = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    const known = x.reduce((sum, value, j) => (j > row ? sum + at(row, j) * value : sum), 0);
    x[row] = (at(row, size) - known) / at(row, row);
  }
  return x;
}

export type Bounds = readonly (readonly [number, number])[];

/**
 * The nearest point to `wanted` within the bounds whose parts sum to `sum`: each part is shifted by one amount and held to
 * its bounds (Euclidean projection); the amount is found by halving.
 */
export function projected(wanted: readonly number[], bounds: Bounds, sum: number): number[] {
  const shifted = (by: number): number[] =>
    wanted.map((one, at) => Math.min(bounds[at]?.[1] ?? one, Math.max(bounds[at]?.[0] ?? one, one + by)));
  const total = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  let [low, high] = [-1000, 1000];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (total(shifted(middle)) < sum) low = middle;
    else high = middle;
  }
  return shifted((low + high) / 2);
}
