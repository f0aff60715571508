import t from "tap";
import { type Piece, parts } from "./piece.ts";

/** A tone with silence at the places given, in seconds. */
function piece(seconds: number, ...silences: [from: number, to: number][]): Piece {
  const pcm = Float32Array.from({ length: seconds * 16_000 }, (_, at) => 0.3 * Math.sin(at));
  for (const [from, to] of silences) pcm.fill(0, from * 16_000, to * 16_000);
  return { pcm, from: 5000, to: 5000 + seconds * 1000, speech: seconds * 800 };
}
const spans = (given: Piece): [number, number][] => parts(given).map(({ from, to }) => [from, to]);

t.test("a piece is cut in the middle of each breath, and nothing of it is lost", async (t) => {
  const given = piece(6, [2, 2.2], [4, 4.4]);
  t.same(spans(given), [
    [5000, 7100],
    [7100, 9200],
    [9200, 11_000],
  ]);
  const found = parts(given);
  t.equal(
    found.reduce((sum, part) => sum + part.pcm.length, 0),
    given.pcm.length,
  );
  t.ok(Math.abs(found.reduce((sum, part) => sum + part.speech, 0) - given.speech) < 1e-6);
});

t.test("a stop consonant is no breath, and no part is shorter than a second", async (t) => {
  t.same(spans(piece(4, [2, 2.1])), [[5000, 9000]], "0.1 s");
  t.same(spans(piece(4, [0.5, 0.7], [1.5, 1.7], [3.3, 3.5])), [
    [5000, 6600],
    [6600, 9000],
  ]);
});

t.test("silence and a piece shorter than a frame stay whole", async (t) => {
  t.equal(parts({ ...piece(3), pcm: new Float32Array(48_000) }).length >= 1, true);
  t.equal(parts({ ...piece(1), pcm: new Float32Array(10) }).length, 1);
});
