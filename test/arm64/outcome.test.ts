import t from "tap";
import { compare, type Outcome } from "./outcome.ts";

const found = (numbers: Outcome["numbers"], text = ""): Outcome => ({ numbers, text, seconds: 1 });
const holds = (engine: Parameters<typeof compare>[0], x86: Outcome, arm64: Outcome): boolean =>
  compare(engine, { x86, arm64 }).every((verdict) => verdict.holds);

t.test("numbers within their tolerance hold, beyond it they do not", async (t) => {
  const x86 = found({ probabilities: [0.1, 0.9] });
  t.ok(holds("voiceActivity", x86, found({ probabilities: [0.1, 0.9005] })));
  t.notOk(holds("voiceActivity", x86, found({ probabilities: [0.1, 0.92] })));
});

t.test("numbers that are missing, too many or none at all never hold", async (t) => {
  const x86 = found({ probabilities: [0.1, 0.9] });
  for (const probabilities of [[], [0.1], [0.1, 0.9, 0.9], [0.1, Number.NaN]])
    t.notOk(holds("voiceActivity", x86, found({ probabilities })), JSON.stringify(probabilities));
  t.notOk(holds("voiceActivity", found({}), found({})), "nothing on either side");
});

t.test("vectors are judged by their direction, and a vector of nothing has none", async (t) => {
  const vectors = (english: number[]) => found({ english, hiking: [1, 0], mandarin: [0, 1] });
  t.ok(holds("embedder", vectors([3, 4]), vectors([6, 8.01])));
  t.notOk(holds("embedder", vectors([3, 4]), vectors([4, 3])));
  t.notOk(holds("embedder", vectors([3, 4]), vectors([0, 0])));
});

t.test("the recogniser's text must be the same", async (t) => {
  const numbers = { keys: [1, 2], logits: [3, 4], confidence: [0.9], starts: [0, 1] };
  t.ok(holds("recogniser", found(numbers, "a word"), found(numbers, "a word")));
  t.notOk(holds("recogniser", found(numbers, "a word"), found(numbers, "a ward")));
});
