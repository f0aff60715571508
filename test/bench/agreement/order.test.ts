import t from "tap";
import { aboveWeak, areaBelow, kendall } from "./order.ts";

const placed = (...pairs: [grade: number, score: number][]) => pairs.map(([grade, score]) => ({ grade, score }));

t.test("Kendall's τ counts ranked pairs: one swap of neighbours among five is 0.8", async (t) => {
  t.equal(kendall(placed([5, 0.9], [4, 0.7], [3, 0.5], [2, 0.3], [1, 0.1])), 1);
  t.equal(kendall(placed([5, 0.9], [4, 0.7], [3, 0.5], [2, 0.1], [1, 0.3])), 0.8);
  t.equal(kendall(placed([5, 0.1], [4, 0.3], [3, 0.5], [2, 0.7], [1, 0.9])), -1);
});

t.test("Kendall's τ leaves answers of one grade out and gives nothing for answers of one score", async (t) => {
  t.equal(kendall(placed([2, 0.9], [2, 0.1], [1, 0])), 1);
  t.equal(kendall(placed([2, 0.5], [1, 0.5])), 0);
});

t.test("half of the area lies below where all scores are the same", async (t) => {
  t.equal(areaBelow([0.1, 0.4], [0.3]), 0.5);
  t.equal(areaBelow([0.3], [0.3]), 0.5);
  t.equal(areaBelow([0.1], [0.3, 0.2]), 1);
});

t.test("a trick stands above the weak answer only by a higher score", async (t) => {
  const weak = { kind: "weak", grade: 0.25, score: 0.2 };
  const stuffing = { kind: "keyword-stuffing", grade: 0.05, score: 0.3 };
  const silence = { kind: "silence", grade: 0, score: 0.2 };
  const strong = { kind: "strong", grade: 0.8, score: 0.9 };
  t.same(aboveWeak([strong, weak, stuffing, silence]), [stuffing]);
});
