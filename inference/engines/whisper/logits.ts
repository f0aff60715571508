/** log Σ exp(x), without overflow. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at++) largest = Math.max(largest, values[at] as number);
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += Math.exp((values[at] as number) - largest);
  return largest + Math.log(sum);
}

/** The index of the largest value; the first of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) if ((values[at] as number) > (values[best] as number)) best = at;
  return best;
}
