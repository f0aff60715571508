import t from "tap";
import { warp } from "./align.ts";
import type { Decoded } from "./decode.ts";
import { joined, quietestMiddle } from "./halves.ts";
import { argmax, logSumExp } from "./logits.ts";
import { refine } from "./refine.ts";
import { simplified } from "./simplified.ts";
import type { WhisperTokens } from "./tokens.ts";
import { circles, isDoubtful, isInvented, loops } from "./trust.ts";
import { characters, groups, type Piece, pieces, rewritten } from "./words.ts";

const spoken = (...texts: string[]): Piece[] =>
  texts.map((text, at) => ({ text, start: at, end: at + 1, logProbabilities: [Math.log(0.5)] }));
const wordsOf = (...texts: string[]): string[] =>
  groups(spoken(...texts))
    .flatMap(characters)
    .map((word) => word.text);

t.test("a word begins at a space or at a Chinese character, and the marks around it are left out", async (t) => {
  t.same(wordsOf(" When", " I", " re", "built", " it", ",", " 3", ".", "5", "%", " don", "'t", "."), [
    "When",
    "I",
    "rebuilt",
    "it",
    "3.5%",
    "don't",
  ]);
  t.same(wordsOf("我们", "用", "Redis", "缓存", "，", "上线", "。"), [
    "我",
    "们",
    "用",
    "Redis",
    "缓",
    "存",
    "上",
    "线",
  ]);
  t.same(wordsOf("“", "C", "++", "”", " C", "#"), ["C++", "C#"]);
  t.same(wordsOf("Redis", "，", "and"), ["Redis", "and"]);
});

t.test("the characters of one token share its time", async (t) => {
  t.same(
    characters({ text: "我们", start: 1, end: 2, confidence: 0.5 }).map(({ start, end }) => [start, end]),
    [
      [1, 1.5],
      [1.5, 2],
    ],
  );
});

t.test("a character that is spread over tokens becomes one piece with the time of all", async (t) => {
  const bytes = Buffer.from("缓");
  const tokens = { bytes: [bytes.subarray(0, 1), bytes.subarray(1), Buffer.from("存")] } as unknown as WhisperTokens;
  const found = pieces([0, 1, 2], [-1, -2, -3], { tokens, starts: [0.1, 0.2, 0.3, 0.4] });
  t.same(found, [
    { text: "缓", start: 0.1, end: 0.3, logProbabilities: [-1, -2] },
    { text: "存", start: 0.3, end: 0.4, logProbabilities: [-3] },
  ]);
});

t.test(
  "traditional characters become simplified ones, in text and words alike, by what stands around them",
  async (t) => {
    t.equal(simplified("後來這位客戶給我們寫了感謝信"), "后来这位客户给我们写了感谢信");
    t.same(
      rewritten(spoken("後來", "客", "戶"), simplified).map((piece) => piece.text),
      ["后来", "客", "户"],
    );
    t.same(
      rewritten(spoken("a", "b"), (text) => text.repeat(2)).map((piece) => piece.text),
      ["aa", "bb"],
      "where the length changes, each by itself",
    );
  },
);

t.test("word times go to the edges of the sound around a pause, and stay where speech runs on", async (t) => {
  const pcm = new Float32Array(3 * 16_000);
  const tone = (from: number, to: number): void => {
    for (let at = from * 16_000; at < to * 16_000; at++) pcm[at] = 0.3 * Math.sin(at);
  };
  tone(0.5, 1);
  tone(1.8, 2.6);
  const said = (text: string, start: number, end: number) => ({ text, start, end, confidence: 1 });
  const [first, second, third] = refine([said("a", 0, 1.05), said("b", 1.05, 2.2), said("c", 2.2, 3)], pcm);
  t.match(first, { start: 0.5, end: 1 });
  t.match(second, { start: 1.8, end: 2.2 }, "the pause before it, which attention gives to it, is taken away");
  t.match(third, { start: 2.2, end: 2.6 });
});

t.test("silence and a clip shorter than a frame keep the times given", async (t) => {
  const word = { text: "a", start: 0.2, end: 0.4, confidence: 1 };
  t.match(refine([word], new Float32Array(16_000))[0], { text: "a", start: 0 });
  t.same(refine([word], new Float32Array(10)), [word]);
});

t.test("the cheapest monotonic path gives each token the frame where it begins", async (t) => {
  // Two tokens over five frames: the first is cheap in frames 0 to 2, the second in 3 and 4.
  const cost = Float64Array.of(-1, -1, -1, 1, 1, 1, 1, 1, -1, -1);
  t.same(warp(cost, { rows: 2, frames: 5 }), [0, 3]);
});

const decoded = (change: Partial<Decoded>): Decoded => ({
  ids: [1, 2, 3],
  logProbabilities: [],
  meanLogProbability: -0.2,
  noSpeech: 0.01,
  full: false,
  alignments: [],
  leading: 0,
  ...change,
});

t.test("text is taken for invented when it is unlikely, or when it is unsure and there may be no speech", async (t) => {
  t.notOk(isInvented(decoded({}), "hello"));
  t.notOk(isInvented(decoded({ noSpeech: 0.99 }), "hello"), "no-speech alone fires on real words");
  t.ok(isInvented(decoded({ noSpeech: 0.7, meanLogProbability: -0.8 }), "hello"));
  t.ok(isInvented(decoded({ meanLogProbability: -1.1 }), "hello"));
  t.ok(isInvented(decoded({ full: true }), "hello"));
});

t.test("loops are seen, and a decoder that runs in circles is stopped", async (t) => {
  t.ok(loops([9, 1, 2, 3, 4, 1, 2, 3, 4]));
  t.notOk(loops([1, 2, 3, 1, 2, 3]));
  t.ok(circles([7, ...Array.from({ length: 24 }, (_, at) => at % 2)]));
  t.notOk(circles(Array.from({ length: 200 }, (_, at) => at)));
  t.ok(isDoubtful(decoded({}), "ha ".repeat(40)), "text that packs too well");
});

t.test("sound that is heard in halves is cut in its quietest moment, and the words keep their times", async (t) => {
  const pcm = new Float32Array(10 * 16_000).fill(0.1);
  pcm.fill(0, 5.5 * 16_000, 5.7 * 16_000);
  const cut = quietestMiddle(pcm) / 16_000;
  t.ok(cut > 5.5 && cut < 5.7);
  const half = {
    language: "en",
    text: "yes",
    words: [{ text: "yes", start: 1, end: 2, confidence: 0.9 }],
    confidence: 0.9,
    noSpeech: 0,
    trusted: true,
  } as const;
  const whole = joined({ ...half, words: [...half.words] }, { ...half, words: [...half.words] }, 5.6);
  t.match(whole, { text: "yes yes", words: [{ start: 1 }, { start: 6.6, end: 7.6 }], trusted: true });
  t.match(joined({ ...half, words: [], trusted: false }, { ...half, words: [...half.words] }, 5.6), {
    text: "yes",
    words: [{ start: 6.6 }],
  });
});

t.test("log sum exp does not overflow, and the first of equals is the largest", async (t) => {
  t.equal(logSumExp([1000, 1000]), 1000 + Math.log(2));
  t.equal(argmax([1, 3, 3]), 1);
});
