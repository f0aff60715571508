import { test } from "tap";
import { aboveWeak, contradictionsBelow, kendall, type Ranked } from "./order.ts";

const ranked = (kind: string, grade: number, score: number): Ranked => ({ question: "q", kind, grade, score });

test("a kept order is 1, a reversed one -1, and a tie of scores counts nothing", async (t) => {
  const strong = ranked("strong", 0.8, 0.7);
  t.equal(kendall([strong, ranked("weak", 0.25, 0.2)]), 1);
  t.equal(kendall([strong, ranked("weak", 0.25, 0.9)]), -1);
  t.equal(kendall([strong, ranked("weak", 0.25, 0.7)]), 0);
  t.equal(kendall([strong, ranked("strong-as-spoken", 0.8, 0.1), ranked("silence", 0, 1)]), null);
});

test("names the tricks above the weak answer, and not those level with it", async (t) => {
  const weak = ranked("weak", 0.25, 0.3);
  t.strictSame(aboveWeak([weak, ranked("off-topic", 0, 0.31), ranked("silence", 0, 0.3)]), ["q-off-topic"]);
});

test("counts contradictions below the partly right answer of the same question", async (t) => {
  const medium = ranked("medium", 0.5, 0.4);
  const against = (score: number) => [medium, ranked("contradiction", 0.05, score)];
  t.equal(contradictionsBelow([against(0.1), against(0.9)]), 0.5);
  t.equal(contradictionsBelow([[medium]]), null);
});
