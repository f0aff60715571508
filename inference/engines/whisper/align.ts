import type { Step } from "./network.ts";

/** Frames of the encoder a second. */
export const framesPerSecond = 50;
const medianWidth = 7;

/** Softmax over the frames that hold sound, one head, all rows. */
function attention(
  steps: readonly Step["alignment"][],
  head: number,
  size: { rows: number; frames: number },
): Float32Array {
  const shares = new Float32Array(size.rows * size.frames);
  let row = 0;
  for (const { scores, tokens, frames } of steps)
    for (let token = 0; token < tokens; token++, row++) {
      const from = (head * tokens + token) * frames;
      const to = row * size.frames;
      let largest = Number.NEGATIVE_INFINITY;
      for (let frame = 0; frame < size.frames; frame++) largest = Math.max(largest, scores[from + frame] as number);
      let sum = 0;
      for (let frame = 0; frame < size.frames; frame++) {
        const share = Math.exp((scores[from + frame] as number) - largest);
        shares[to + frame] = share;
        sum += share;
      }
      for (let frame = 0; frame < size.frames; frame++) shares[to + frame] = (shares[to + frame] as number) / sum;
    }
  return shares;
}

/** Each frame's shares become standard scores over the tokens: a frame that all tokens look at tells nothing. */
function standardise(shares: Float32Array, size: { rows: number; frames: number }): void {
  for (let frame = 0; frame < size.frames; frame++) {
    let mean = 0;
    for (let row = 0; row < size.rows; row++) mean += shares[row * size.frames + frame] as number;
    mean /= size.rows;
    let variance = 0;
    for (let row = 0; row < size.rows; row++) variance += ((shares[row * size.frames + frame] as number) - mean) ** 2;
    const deviation = Math.sqrt(variance / size.rows) || 1;
    for (let row = 0; row < size.rows; row++) {
      const at = row * size.frames + frame;
      shares[at] = ((shares[at] as number) - mean) / deviation;
    }
  }
}

/** Subtracts the median over 7 frames (mirrored at the edges) of each row from `cost`. */
function subtractMedian(scores: Float32Array, size: { rows: number; frames: number }, cost: Float64Array): void {
  const window = new Float32Array(medianWidth);
  const reach = (medianWidth - 1) / 2;
  const last = size.frames - 1;
  for (let row = 0; row < size.rows; row++)
    for (let frame = 0; frame < size.frames; frame++) {
      for (let shift = -reach; shift <= reach; shift++) {
        const mirrored = Math.abs(frame + shift);
        const at = mirrored > last ? Math.max(0, 2 * last - mirrored) : mirrored;
        window[shift + reach] = scores[row * size.frames + at] as number;
      }
      const at = row * size.frames + frame;
      cost[at] = (cost[at] as number) - (window.sort()[reach] as number);
    }
}

/** The frame at which each row begins on the cheapest monotonic path through `cost` [rows, frames] (dynamic time warping). */
export function warp(cost: Float64Array, size: { rows: number; frames: number }): number[] {
  const { rows, frames } = size;
  const stride = frames + 1;
  const total = new Float64Array((rows + 1) * stride).fill(Number.POSITIVE_INFINITY);
  const from = new Uint8Array((rows + 1) * stride); // 0 from both, 1 from the row before, 2 from the frame before
  total[0] = 0;
  for (let row = 1; row <= rows; row++)
    for (let frame = 1; frame <= frames; frame++) {
      const at = row * stride + frame;
      const both = total[at - stride - 1] as number;
      const rowBefore = total[at - stride] as number;
      const frameBefore = total[at - 1] as number;
      const way = both < rowBefore && both < frameBefore ? 0 : rowBefore < both && rowBefore < frameBefore ? 1 : 2;
      total[at] =
        (cost[(row - 1) * frames + frame - 1] as number) + (way === 0 ? both : way === 1 ? rowBefore : frameBefore);
      from[at] = way;
    }
  const starts = new Array<number>(rows).fill(0);
  for (let row = rows, frame = frames; row > 0; ) {
    starts[row - 1] = Math.max(0, frame - 1);
    const way = frame === 0 ? 1 : from[row * stride + frame];
    if (way !== 2) row--;
    if (way !== 1) frame--;
  }
  return starts;
}

/**
 * When each token was said (openai/whisper, timing.py, find_alignment): `starts[i]` seconds is where token i begins and
 * token i - 1 ends; one more than there are tokens. `leading` rows stand before the one that predicts the first token.
 */
export function tokenStarts(steps: readonly Step["alignment"][], leading: number, seconds: number): number[] {
  const heads = steps[0]?.heads ?? 0;
  const rows = steps.reduce((sum, step) => sum + step.tokens, 0);
  const frames = Math.max(1, Math.min(Math.floor(seconds * framesPerSecond), steps[0]?.frames ?? 1));
  const size = { rows, frames };
  const cost = new Float64Array(rows * frames);
  for (let head = 0; head < heads; head++) {
    const shares = attention(steps, head, size);
    standardise(shares, size);
    subtractMedian(shares, size, cost);
  }
  const starts = warp(cost.subarray(leading * frames), { rows: rows - leading, frames });
  return starts.map((frame) => frame / framesPerSecond);
}
