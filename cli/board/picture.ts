/** A grey picture, one byte a pixel. */
export type Grey = { width: number; height: number; luma: Uint8Array };
export type PictureFigures = { brightness: number; burnt: number; focus: number };

/** Luma of white in the limited range that cameras use (ITU-R BT.601), with a little below. */
const white = 230;

/**
 * Variance of the Laplacian (kernel 0 1 0, 1 -4 1, 0 1 0): the sharper the edges, the larger. J. L. Pech-Pacheco et al.,
 * "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000.
 */
export function focusOf({ width, height, luma }: Grey): number {
  let [sum, squares, count] = [0, 0, 0];
  for (let row = 1; row < height - 1; row++)
    for (let at = row * width + 1; at < (row + 1) * width - 1; at++) {
      const around = (luma[at - 1] ?? 0) + (luma[at + 1] ?? 0) + (luma[at - width] ?? 0) + (luma[at + width] ?? 0);
      const value = around - 4 * (luma[at] ?? 0);
      sum += value;
      squares += value * value;
      count++;
    }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}

export function measurePicture(picture: Grey): PictureFigures {
  const { luma } = picture;
  let [sum, burnt] = [0, 0];
  for (const one of luma) {
    sum += one;
    if (one >= white) burnt++;
  }
  const count = Math.max(1, luma.length);
  return { brightness: sum / count, burnt: burnt / count, focus: focusOf(picture) };
}
