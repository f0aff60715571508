import t from "tap";
import { difference, intraclass, pearson, quadraticKappa, spearman } from "./agreement.ts";
import { krippendorffAlpha } from "./krippendorff.ts";

const near = (found: number, wanted: number, within: number): boolean => Math.abs(found - wanted) <= within;

/** Table 2 of Shrout and Fleiss (1979): six targets, four judges. */
const shroutFleiss = [
  [9, 2, 5, 8],
  [6, 1, 3, 2],
  [8, 4, 6, 8],
  [7, 1, 2, 6],
  [10, 5, 6, 9],
  [6, 2, 4, 7],
];

t.test("ICC gives the figures of Shrout and Fleiss's worked example, and McGraw and Wong's bounds", async (t) => {
  const { single, average } = intraclass(shroutFleiss);
  t.ok(near(single.value, 0.29, 0.005), `${single.value}`);
  t.ok(near(average.value, 0.62, 0.005), `${average.value}`);
  t.ok(near(single.interval[0], 0.019, 0.002), `${single.interval}`);
  t.ok(near(single.interval[1], 0.761, 0.002), `${single.interval}`);
  t.throws(
    () =>
      intraclass([
        [1, null],
        [2, 3],
      ]),
    { code: "use.invalid" },
  );
});

/** The reliability data of Krippendorff (2011), section C: four observers, twelve units, eleven of them pairable. */
const krippendorff = [
  [1, 1, null, 1],
  [2, 2, 3, 2],
  [3, 3, 3, 3],
  [3, 3, 3, 3],
  [2, 2, 2, 2],
  [1, 2, 3, 4],
  [4, 4, 4, 4],
  [1, 1, 2, 1],
  [2, 2, 2, 2],
  [null, 5, 5, 5],
  [null, null, 1, 1],
  [null, null, 3, null],
];

t.test("Krippendorff's α gives his own three figures, with an interval around each", async (t) => {
  let state = 1;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (const [metric, wanted] of [
    ["nominal", 0.743],
    ["ordinal", 0.815],
    ["interval", 0.849],
  ] as const) {
    const { value, interval, n } = krippendorffAlpha(krippendorff, { metric, random, draws: 300 });
    t.ok(near(value, wanted, 0.0005), `${metric} ${value}`);
    t.equal(n, 11);
    t.ok(interval[0] < value && value < interval[1], `${interval}`);
  }
  t.throws(() => krippendorffAlpha([[1, 1]], { metric: "nominal", random }), { code: "use.invalid" });
});

/** 110 students' hours of television and intelligence quotients: the ten rows that textbooks work Spearman's ρ out on. */
const quotient = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];

t.test("Spearman's ρ of the textbook rows is -29/165, and its interval holds it", async (t) => {
  const { value, interval } = spearman(quotient, hours);
  t.ok(near(value, -29 / 165, 1e-9), `${value}`);
  t.ok(interval[0] < value && value < interval[1]);
});

t.test("Pearson's r has Fisher's interval: r 0.5 of 28 subjects lies in 0.16 to 0.74", async (t) => {
  // Two figures built to correlate at exactly 0.5: b = a/2 + √3/2 · c with c orthogonal to a.
  const a = Array.from({ length: 28 }, (_, at) => (at % 2 === 0 ? 1 : -1));
  const c = Array.from({ length: 28 }, (_, at) => (at % 4 < 2 ? 1 : -1));
  const b = a.map((one, at) => one / 2 + (Math.sqrt(3) / 2) * (c[at] ?? 0));
  const { value, interval } = pearson(a, b);
  t.ok(near(value, 0.5, 1e-9));
  t.ok(near(interval[0], 0.156, 0.001) && near(interval[1], 0.736, 0.001), `${interval}`);
  t.throws(() => pearson([1, 2, 3, 4], [1, 1, 1, 1]), { code: "use.invalid" });
  t.throws(() => pearson([1, 2, 3], [1, 2, 3]), { code: "use.invalid" });
});

t.test("κ is 1 where graders agree, 0 where they do not know of each other, and by hand between", async (t) => {
  const grades = [0, 1, 2, 0, 1, 2, 0, 1, 2];
  t.equal(quadraticKappa(grades, grades, { levels: 3 }).value, 1);
  const apart = quadraticKappa([0, 0, 1, 1], [0, 1, 0, 1], { levels: 2 });
  t.ok(near(apart.value, 0, 1e-12));
  // Fleiss, Cohen and Everitt's table of 200: diagonal .53 .14 .03; with quadratic weights, worked out by hand.
  const table = [
    [106, 10, 4],
    [22, 28, 10],
    [2, 12, 6],
  ];
  const pairs = table.flatMap((row, i) =>
    row.flatMap((times, j) => Array.from({ length: times }, () => [i, j] as const)),
  );
  const { value, interval } = quadraticKappa(
    pairs.map(([i]) => i),
    pairs.map(([, j]) => j),
    { levels: 3 },
  );
  // seen: 1 − (.27/4 + .03); chance: 1 − ((.6·.25 + .3·.65 + .3·.1 + .1·.25)/4 + .6·.1 + .1·.65)
  const [seen, chance] = [1 - (0.27 / 4 + 0.03), 1 - ((0.15 + 0.195 + 0.03 + 0.025) / 4 + 0.06 + 0.065)];
  t.ok(near(value, (seen - chance) / (1 - chance), 1e-9), `${value}`);
  t.ok(interval[0] > 0.4 && interval[1] < 0.75, `${interval}`);
  t.throws(() => quadraticKappa([0, 1, 2, 3], [0, 1, 2, 3], { levels: 3 }), { code: "use.invalid" });
});

/** Peak flow of 17 people by two meters: the first readings of table 1 of Bland and Altman (Lancet 1986). */
const wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427];
const mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451];

t.test("two meters differ by the figures of Bland and Altman's worked example", async (t) => {
  const { bias, limits, absolute, standardised } = difference(mini, wright);
  t.ok(near(bias.value, -2.1, 0.05), `${bias.value}`);
  t.ok(near(bias.interval[0], -22.0, 0.1) && near(bias.interval[1], 17.8, 0.1), `${bias.interval}`);
  // They take two standard deviations of 38.8, where 1.96 is meant: -79.7 and 75.5 become -78.1 and 73.9.
  t.ok(near(limits[0], -78.1, 0.1) && near(limits[1], 73.9, 0.1), `${limits}`);
  t.ok(near(absolute, 28.9, 0.1), `${absolute}`);
  t.ok(standardised < 0 && standardised > -0.05, `${standardised}`);
  t.throws(() => difference([1, 2], [1, 2]), { code: "use.invalid" });
});
