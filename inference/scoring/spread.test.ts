import t from "tap";
import { type Rescored, spreadByAnswer, spreadByCategory, spreadByGroup } from "./spread.ts";

const one = (answerId: string, group: string, endToEnd: number | null, sameTranscript = endToEnd): Rescored => ({
  answerId,
  group,
  variant: `${group} ${endToEnd}`,
  endToEnd,
  sameTranscript,
});

const originals = new Map([
  ["a", 0.5],
  ["b", 0.8],
]);
const rescored = [
  one("a", "speed", 0.52, 0.5),
  one("a", "speed", 0.47, 0.5),
  one("a", "noise", null),
  one("b", "speed", 0.8),
  one("b", "noise", 0.73, 0.77),
];

t.test("an answer's spread is highest less lowest of original and variants, in points of 100", (t) => {
  const [a, b] = spreadByAnswer(originals, rescored);
  t.match(a, { answerId: "a", endToEnd: 5, sameTranscript: 0, variants: 3, unscored: 1, over: [] });
  t.match(b, { endToEnd: 7, sameTranscript: 3, over: ["endToEnd", "sameTranscript"] });
  t.end();
});

t.test("a group is over its limit where one answer is, and says whose, how wide and in which direction", (t) => {
  const [speed, noise] = spreadByGroup(originals, rescored);
  t.match(speed, { group: "speed", answers: 2, variants: 3, unscored: 0, over: [] });
  t.match(speed?.endToEnd, { mean: 2.5, largest: 5, answerId: "a" });
  t.match(noise?.endToEnd, { mean: 7, largest: 7, answerId: "b", shift: -7 });
  t.same(noise?.over, ["endToEnd", "sameTranscript"]);
  t.equal(noise?.unscored, 1);
  t.same(spreadByGroup(originals, rescored, { endToEnd: 8, sameTranscript: 3 })[1]?.over, []);
  t.end();
});

t.test("a variant without a score widens nothing and is counted", (t) => {
  const [only] = spreadByAnswer(new Map([["a", 0.5]]), [one("a", "noise", null)]);
  t.match(only, { endToEnd: null, sameTranscript: null, unscored: 1, over: [] });
  t.equal(spreadByGroup(new Map([["a", 0.5]]), [one("a", "noise", null)])[0]?.endToEnd, null);
  t.end();
});

t.test("groups of people are compared over the same words only, and apart where one scores lower for them", (t) => {
  const spoken = [
    { words: "hello", category: "north", score: 0.7 },
    { words: "hello", category: "south", score: 0.6 },
    { words: "goodbye", category: "north", score: 0.5 },
    { words: "goodbye", category: "south", score: 0.42 },
    // Said by one category only: a strong answer, no sign of fairness.
    { words: "alone", category: "north", score: 1 },
    { words: "hello", category: "south", score: null },
  ];
  const found = spreadByCategory("accent", spoken);
  t.equal(found.sets, 2);
  t.equal(found.apart, 9);
  t.equal(found.over, true);
  t.match(found.categories[0], { category: "north", n: 2, shift: 4.5 });
  // Shifts 5 and 4, Student's t of one degree of freedom at 0.975 is 12.706: 4.5 ± 12.706 · 0.7071 / √2.
  t.same(found.categories[0]?.interval, [-1.9, 10.9]);
  t.match(found.categories[1], { category: "south", n: 2, unscored: 1, shift: -4.5 });
  t.match(spreadByCategory("accent", spoken.slice(4)), { sets: 0, apart: null, over: false });
  t.end();
});
