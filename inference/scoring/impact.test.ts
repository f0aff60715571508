import t from "tap";
import { countCandidates, fisherExact, impactOf, median } from "./impact.ts";

const near = (found: number | null | undefined, wanted: number, within = 5e-4): boolean =>
  found !== null && found !== undefined && Math.abs(found - wanted) <= within;

t.test("the example of the rule's own text: 55 of 181 against 67 of 139 is an impact ratio of 0.63", async (t) => {
  const [first, second] = impactOf([
    { attribute: "sex", category: "male", n: 139, selected: 67 },
    { attribute: "sex", category: "female", n: 181, selected: 55 },
  ]);
  t.equal(first?.impactRatio, 1);
  t.equal(first?.p, null);
  t.ok(near(second?.impactRatio, 55 / 181 / (67 / 139), 1e-12));
  t.ok(second?.interval !== null && (second?.interval[0] ?? 0) < 0.63 && (second?.interval[1] ?? 0) > 0.63);
  t.ok((second?.p ?? 1) < 0.01);
});

t.test("Fisher's tea: three of four cups told right has a two-sided p of 0.486, four of four 0.029", async (t) => {
  t.ok(near(fisherExact({ n: 4, selected: 3 }, { n: 4, selected: 1 }), 34 / 70, 1e-9));
  t.ok(near(fisherExact({ n: 4, selected: 4 }, { n: 4, selected: 0 }), 2 / 70, 1e-9));
  t.ok(near(fisherExact({ n: 10, selected: 5 }, { n: 10, selected: 5 }), 1, 1e-9));
  t.ok(fisherExact({ n: 1_000_000, selected: 500_000 }, { n: 1_000_000, selected: 501_000 }) < 1, "no overflow");
});

t.test("a small category is marked and kept, and left out only when told to", async (t) => {
  const counts = [
    { attribute: "race", category: "a", n: 980, selected: 490 },
    { attribute: "race", category: "b", n: 15, selected: 15 },
    { attribute: "race", category: "c", n: 5, selected: 0 },
  ];
  const all = impactOf(counts);
  t.strictSame(
    all.map(({ category, small }) => [category, small]),
    [
      ["a", false],
      ["b", true],
      ["c", true],
    ],
  );
  t.ok(near(all[0]?.impactRatio, 0.5), "the highest rate is the yardstick, small or not");
  t.equal(all[2]?.interval, null, "nobody selected: no interval of a ratio");
  const kept = impactOf(counts, { excludeBelow: 0.02 });
  t.strictSame(
    kept.map(({ category, impactRatio }) => [category, impactRatio]),
    [["a", 1]],
  );
  t.equal(impactOf([{ attribute: "x", category: "y", n: 3, selected: 0 }])[0]?.impactRatio, null);
  t.throws(() => impactOf([{ attribute: "x", category: "y", n: 3, selected: 4 }]), { code: "use.invalid" });
});

t.test("candidates are counted by attribute and by all together, unknowns by themselves", async (t) => {
  const row = (sex: string, race: string, selected: boolean | null) => ({
    categories: { sex, race },
    selected,
    score: null,
  });
  const { counts, unknown } = countCandidates(
    [row("f", "a", true), row("m", "a", false), row("m", "", true), row("f", "b", null)],
    ({ selected }) => selected,
  );
  t.strictSame(counts, [
    { attribute: "sex", category: "f", n: 1, selected: 1 },
    { attribute: "sex", category: "m", n: 2, selected: 1 },
    { attribute: "race", category: "a", n: 2, selected: 1 },
    { attribute: "sex × race", category: "f × a", n: 1, selected: 1 },
    { attribute: "sex × race", category: "m × a", n: 1, selected: 0 },
  ]);
  t.strictSame(unknown, { race: 1, "sex × race": 1 });
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 2, 3]), 2.5);
});
