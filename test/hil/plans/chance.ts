/** Draws from 0 (in) to 1 (out) that follow from the seed alone: a run can be had again. Park and Miller, CACM 31 (1988), with the multiplier 48271. */
export function draws(seed: number): () => number {
  const modulus = 2_147_483_647;
  let state = (seed % (modulus - 1)) + 1;
  return () => {
    state = (state * 48_271) % modulus;
    return state / modulus;
  };
}
