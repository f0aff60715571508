import t from "tap";
import type { Board, Picture } from "./board.ts";
import { emulated } from "./emulated.ts";
import { type Measured, pickProfile } from "./pick.ts";

const large: Picture = { width: 1280, height: 720, framesPerSecond: 15 };
const small: Picture = { width: 640, height: 480, framesPerSecond: 10 };
const board: Board = { ...emulated, profile: { ...emulated.profile, pictures: [large, small] } };
const quick: Measured = {
  recognisers: { "whisper-base": { "zh-CN": 0.1, en: 0.1 }, "whisper-tiny-en": { en: 0.05 } },
  encoder: [
    { picture: large, timesRealTime: 8 },
    { picture: small, timesRealTime: 20 },
  ],
};
const both = ["zh-CN", "en"] as const;

t.test("a quick board runs the best of everything, live", async (t) => {
  const { chosen, reasons } = pickProfile(board, quick, both);
  t.strictSame(chosen, { recogniser: "whisper-base", provider: "cpu", live: ["zh-CN", "en"], picture: large });
  t.match(reasons.join("\n"), /whisper-tiny-en is not used: it does not understand zh-CN/);
});

t.test("a language that cannot keep up live is transcribed after the answer", async (t) => {
  const slow = { ...quick, recognisers: { ...quick.recognisers, "whisper-base": { "zh-CN": 0.9, en: 0.4 } } };
  const { chosen, reasons } = pickProfile(board, slow, both);
  t.strictSame([chosen.recogniser, chosen.live], ["whisper-base", ["en"]]);
  t.match(reasons.join("\n"), /zh-CN is transcribed after the answer/);
});

t.test("a board whose languages include Mandarin keeps the recogniser that understands it, however slow", async (t) => {
  const slow = { ...quick, recognisers: { ...quick.recognisers, "whisper-base": { "zh-CN": 3, en: 3 } } };
  t.strictSame(pickProfile(board, slow, both).chosen.recogniser, "whisper-base");
  t.strictSame(pickProfile(board, slow, ["zh-CN"]).chosen.live, []);
});

t.test("an English board takes the small recogniser only where the large one cannot keep up and it can", async (t) => {
  const of = (base: number, tiny: number): string =>
    pickProfile(board, { ...quick, recognisers: { "whisper-base": { en: base }, "whisper-tiny-en": { en: tiny } } }, [
      "en",
    ]).chosen.recogniser;
  t.equal(of(0.3, 0.1), "whisper-base");
  t.equal(of(0.8, 0.4), "whisper-tiny-en");
  t.equal(of(2, 1), "whisper-base", "where neither does, text comes later anyway: the better one");
});

t.test("the largest picture that is encoded fast enough, else the smallest", async (t) => {
  const of = (...times: number[]): number =>
    pickProfile(
      board,
      {
        ...quick,
        encoder: [large, small].map((picture, at) => ({ picture, timesRealTime: times[at] ?? 0 })),
      },
      both,
    ).chosen.picture.width;
  t.equal(of(3, 9), 1280);
  t.equal(of(2.9, 9), 640);
  t.equal(of(1, 1), 640);
});

t.test("without a model that understands the languages there is nothing to pick", async (t) => {
  const bare = { ...quick, recognisers: { "whisper-tiny-en": { en: 0.1 } } };
  t.throws(() => pickProfile(board, bare, both), { code: "model.missing" });
});
