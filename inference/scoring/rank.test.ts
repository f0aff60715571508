import t from "tap";
import { composite, type Factor, flagOf, shortlist } from "./rank.ts";

const row = (name: string, score: number, half = 0) => ({
  name,
  score,
  interval: [score - half, score + half] as [number, number],
});

t.test("a composite can be recomputed by hand: interview 4.2 of 5, test 85 of 100, three years of ten", async (t) => {
  const factors: Factor[] = [
    { name: "interview", weight: 0.5, from: 1, to: 5 },
    { name: "test", weight: 0.3, from: 0, to: 100 },
    { name: "years", weight: 0.2, from: 0, to: 10 },
  ];
  // 0.5 * 0.8 + 0.3 * 0.85 + 0.2 * 0.3
  const second = composite(factors, { interview: 4.2, test: 85, years: 3 });
  t.equal(second, 0.715);
  const first = composite(factors, { interview: 4.6, test: 80, years: 4 });
  t.equal(first, 0.77, "0.45 + 0.24 + 0.08");
  const third = composite(factors, { interview: 3, test: 90, years: 25 });
  t.equal(third, 0.72, "years beyond the scale are cut: 0.25 + 0.27 + 0.2");
  t.equal(composite(factors, { interview: 4.2, test: null, years: 3 }), null, "not known is not zero");
  t.equal(composite([], {}), null);
});

t.test("equal scores share a rank, and a tie at the border is in as a whole", async (t) => {
  const all = [row("a", 0.9), row("b", 0.8), row("c", 0.8), row("d", 0.5), row("e", 0.4)];
  t.same(
    shortlist(all.toReversed(), 0.4).map(({ score, rank, shortlisted }) => [score, rank, shortlisted]),
    [
      [0.9, 1, true],
      [0.8, 2, true],
      [0.8, 2, true],
      [0.5, 4, false],
      [0.4, 5, false],
    ],
  );
});

t.test("takes the share rounded up, of few too, and none of none", async (t) => {
  for (const [n, share, taken] of [
    [0, 0.2, 0],
    [1, 0.2, 1],
    [5, 0.2, 1],
    [6, 0.2, 2],
    [10, 0.3, 3],
    [100, 0.07, 7],
  ] as const) {
    const all = Array.from({ length: n }, (_, at) => row(`${at}`, at / 200));
    t.equal(shortlist(all, share).filter(({ shortlisted }) => shortlisted).length, taken, `${share} of ${n}`);
  }
});

t.test("tells which ranks an interval cannot be told apart from, and who stands at the border", async (t) => {
  const all = [row("a", 0.9, 0.01), row("b", 0.7, 0.05), row("c", 0.65, 0.05), row("d", 0.3, 0.1)];
  const seen = shortlist(all, 0.5).map(({ name, indistinct, atBorder }) => [
    name,
    indistinct.best,
    indistinct.worst,
    atBorder,
  ]);
  t.same(seen, [
    ["a", 1, 1, false],
    ["b", 2, 3, true],
    ["c", 2, 3, true],
    ["d", 4, 4, false],
  ]);
});

t.test("a threshold flags by the interval, and rejects nobody", async (t) => {
  t.equal(flagOf(0.8, [0.7, 0.9], 0.7), "reached");
  t.equal(flagOf(0.72, [0.65, 0.8], 0.7), "unsure");
  t.equal(flagOf(0.68, [0.6, 0.7], 0.7), "unsure");
  t.equal(flagOf(0.5, [0.4, 0.6], 0.7), "below");
  t.equal(flagOf(null, [0, 1], 0.7), "unknown");
});
