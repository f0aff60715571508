import t from "tap";
import { type Found, type Span, SpeechFinder, speechRules } from "./speech.ts";

const window = 512;
const windows = (seconds: number): number => Math.round((seconds * 16_000) / window);

/** Feeds runs of [seconds, probability, energy?] and returns what was settled. */
function find(runs: readonly [number, number, number?][]): Found[] {
  const finder = new SpeechFinder(0, window);
  const found: Found[] = [];
  let fed = 0;
  for (const [seconds, probability, energy = 1] of runs)
    for (let at = 0; at < windows(seconds); at++, fed++) found.push(...finder.next(probability, energy));
  return [...found, ...finder.finish(fed * window)];
}

const spans = (found: readonly Found[], kind: Found["found"]): Span[] =>
  found.filter((one) => one.found === kind).map((one) => one.span);
const long = (span: Span | undefined): number => (span === undefined ? 0 : (span.end - span.start) / 16_000);

t.test("silence holds no speech", async (t) => {
  t.same(find([[5, 0.1]]), []);
});

t.test("a click of two windows is no speech", async (t) => {
  t.same(
    find([
      [1, 0.1],
      [0.064, 0.9],
      [2, 0.1],
    ]),
    [],
  );
});

t.test("a pause ends a stretch, a hesitation under the pause does not", async (t) => {
  t.equal(
    spans(
      find([
        [1, 0.1],
        [6, 0.9],
        [0.4, 0.1],
        [6, 0.9],
        [2, 0.1],
      ]),
      "stretch",
    ).length,
    1,
  );
  t.equal(
    spans(
      find([
        [1, 0.1],
        [6, 0.9],
        [0.9, 0.1],
        [6, 0.9],
        [2, 0.1],
      ]),
      "stretch",
    ).length,
    2,
  );
});

t.test("a probability between hold and onset keeps a stretch but begins none", async (t) => {
  t.same(find([[3, 0.45]]), []);
  t.equal(
    spans(
      find([
        [1, 0.9],
        [3, 0.45],
        [2, 0.1],
      ]),
      "stretch",
    ).map(long)[0],
    (windows(4) * window) / 16_000,
  );
});

t.test("a long enough stretch is given out as soon as its pause is there", async (t) => {
  const finder = new SpeechFinder(0, window);
  const speech = windows(speechRules.context / 16_000 + 1);
  const quiet = Math.ceil(speechRules.pause / window);
  const found: Found[] = [];
  for (let at = 0; at < speech; at++) found.push(...finder.next(0.9, 1));
  for (let at = 0; at < quiet; at++) found.push(...finder.next(0.1, 0));
  t.same(
    found.map((one) => one.found),
    ["stretch", "piece"],
  );
});

t.test("short utterances with a short gap are heard together", async (t) => {
  const found = find([
    [0.5, 0.9],
    [0.8, 0.1],
    [0.5, 0.9],
    [2, 0.1],
    [0.5, 0.9],
    [4, 0.1],
    [0.5, 0.9],
  ]);
  t.equal(spans(found, "stretch").length, 4);
  t.equal(spans(found, "piece").length, 2, "the last one comes after more silence than is waited for");
});

t.test("pieces are in order, never overlap and hold every stretch", async (t) => {
  const found = find([
    [0.3, 0.1],
    [9, 0.9],
    [0.7, 0.1],
    [0.4, 0.9],
    [3, 0.1],
    [40, 0.9],
    [0.61, 0.1],
    [2, 0.9],
  ]);
  const pieces = spans(found, "piece");
  for (const [at, piece] of pieces.entries())
    t.ok(at === 0 || piece.start >= (pieces[at - 1]?.end ?? 0), `piece ${at} begins after the one before`);
  const covered = (sample: number): boolean => pieces.some((piece) => piece.start <= sample && sample < piece.end);
  for (const stretch of spans(found, "stretch"))
    for (let at = stretch.start; at < stretch.end; at += window)
      if (!covered(at)) t.fail(`sample ${at} of a stretch is in no piece`);
});

t.test("speech without a pause is cut at its quietest point before 28 s", async (t) => {
  const found = find([
    [17, 0.9, 5],
    [0.2, 0.9, 0.1],
    [20, 0.9, 5],
    [1, 0.1],
  ]);
  const pieces = spans(found, "piece");
  t.ok(pieces.every((piece) => long(piece) < 28));
  t.ok(Math.abs(long(pieces[0]) - 17.1) < 0.15, "the cut lies in the quiet of 0.2 s");
  t.equal(pieces[0]?.end, pieces[1]?.start, "not a sample is lost at the cut");
  t.equal(spans(found, "stretch").length, 1);
});
