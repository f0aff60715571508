import t from "tap";
import { type BoardProfile, boardProfile } from "../contracts/profile.ts";
import type { Board } from "./board.ts";
import { emulated } from "./emulated.ts";
import { chosenProfile, engineSeat } from "./profile.ts";

const board: Board = {
  ...emulated,
  name: "bench",
  profile: {
    ...emulated.profile,
    pictures: [
      { width: 1280, height: 720, framesPerSecond: 15 },
      { width: 640, height: 480, framesPerSecond: 10 },
    ],
    engines: {
      recogniser: [
        { provider: "cpu", state: "tried" },
        { provider: "cuda", state: "untried" },
      ],
    },
  },
};
const measured: BoardProfile = boardProfile.parse({
  board: "bench",
  measuredAt: "2026-03-01T09:00:00Z",
  recogniser: "whisper-base",
  live: ["en"],
  picture: { width: 1280, height: 720, framesPerSecond: 15 },
});

t.test("without a measurement the smallest picture and every language live", async (t) => {
  t.strictSame(chosenProfile(board, undefined), {
    recogniser: "whisper-base",
    provider: "cpu",
    live: ["zh-CN", "en"],
    picture: { width: 640, height: 480, framesPerSecond: 10 },
  });
});

t.test("a measured profile holds", async (t) => {
  t.match(chosenProfile(board, measured), { live: ["en"], picture: { width: 1280 } });
});

t.test(
  "a profile of another board, or one that the board cannot run, is refused with the field at fault",
  async (t) => {
    for (const [field, change] of [
      ["board", { board: "other" }],
      ["provider", { provider: "cuda" }],
      ["provider", { provider: "tpu" }],
      ["live", { recogniser: "whisper-tiny-en", live: ["zh-CN"] }],
    ] as const)
      t.throws(() => chosenProfile(board, { ...measured, ...change } as BoardProfile), {
        code: "config.invalid",
        field,
      });
  },
);

t.test("an engine that was never run on the board says so, and what to use", async (t) => {
  t.throws(() => engineSeat(board, "cuda"), { message: /untried.*use cpu/ });
  t.equal(engineSeat(board, "cpu").state, "tried");
});
