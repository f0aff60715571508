import t from "tap";
import { meanOf, shareInterval, withheld } from "./cells.ts";

t.test("withholds small cells, and those by which a difference would tell them", async (t) => {
  for (const [counts, shown, sum] of [
    [[5, 9, 0], [5, 9, 0], true],
    [[3, 9, 20], [null, null, 20], true],
    [[1, 1, 9, 20], [null, null, null, 20], true],
    [[3, 3, 9], [null, null, 9], true],
    [[3], [null], false],
    [[3, 0, 0], [null, 0, 0], false],
    [[2, 1], [null, null], false],
    [[], [], true],
  ] as const) {
    const seen = withheld(counts);
    t.same(
      counts.map((count, at) => (seen.hidden[at] ? null : count)),
      shown,
      counts.join(),
    );
    t.equal(seen.sum, sum, `the sum of ${counts.join()}`);
  }
});

t.test("a mean has the interval of Student's t, and one value has none", async (t) => {
  // s² = 0.025, t(0.975, 4) = 2.776: 0.5 ± 2.776 · 0.1581 / √5
  const { mean, interval } = meanOf([0.3, 0.4, 0.5, 0.6, 0.7]) ?? { mean: 0, interval: [0, 0] };
  t.equal(mean.toFixed(4), "0.5000");
  t.same(
    interval.map((one) => one.toFixed(4)),
    ["0.3037", "0.6963"],
  );
  t.equal(meanOf([0.3]), null);
});

t.test("a share has Wilson's interval: the published ones of Newcombe (1998)", async (t) => {
  for (const [hits, n, low, high] of [
    [81, 263, "0.2553", "0.3662"],
    [15, 148, "0.0624", "0.1605"],
    [0, 20, "0.0000", "0.1611"],
    [1, 29, "0.0061", "0.1718"],
  ] as const)
    t.same(
      shareInterval(hits, n).map((one) => one.toFixed(4)),
      [low, high],
      `${hits} of ${n}`,
    );
});
