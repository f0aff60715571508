import { createHash } from "node:crypto";

import { connect } from "node:net";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { openBoardBench } from "../emulator/bench.ts";
import { type BoardState, sockets } from "../emulator/protocol.ts";
import { eventually } from "../eventually.ts";
import { loudMillis, speakerConformance, tone } from "./conformance.ts";
import { emulatedSpeaker } from "./emulated.ts";

/** A tone, and what the board tells of having heard the whole of it: the hash of its samples. */
function clipOf(millis: number): { clip: Buffer; sha256: string } {
  const clip = tone(millis);
  return { clip, sha256: createHash("sha256").update(clip.subarray(44)).digest("hex") };
}

const never = new AbortController().signal;
const openBench = async () => {
  const bench = await openBoardBench();
  return { ...bench, open: () => emulatedSpeaker.open({ folder: bench.folder }, bench.context) };
};
const running = async (state: Promise<BoardState>): Promise<boolean> => (await state).heard.running;

t.test("a clip takes its time and comes out whole, at the volume that is set", async (t) => {
  const { hand, open, close } = await openBench();
  const speaker = await open();
  const { clip, sha256 } = clipOf(600);
  const before = systemClock.monotonic();
  await speaker.play(clip, never);
  t.ok(systemClock.monotonic() - before >= 550, "no faster than it sounds");
  const { heard } = await hand.state();
  t.match(heard, { clips: 1, millis: 600, sha256, running: false });
  t.ok(Math.abs((heard.dbfs ?? 0) - -15.05) < 0.1, "a quarter of full scale");
  speaker.setVolume(0.5);
  await speaker.play(clip, never);
  const softer = (await hand.state()).heard;
  t.match(softer, { clips: 2, millis: 600 });
  t.ok(Math.abs((softer.dbfs ?? 0) - -21.07) < 0.1, "half of it");
  speaker.close();
  await close();
});

t.test(
  "is silent as soon as the signal ends a clip, and the next clip takes the place of the one before",
  async (t) => {
    const { hand, open, close } = await openBench();
    const speaker = await open();
    const { clip } = clipOf(3000);
    const stop = new AbortController();
    const stopped = speaker.play(clip, stop.signal);
    t.ok(await eventually(() => running(hand.state())));
    stop.abort();
    await stopped;
    t.ok(await eventually(async () => !(await running(hand.state()))));
    const first = (await hand.state()).heard;
    await systemClock.sleep(100);
    t.strictSame((await hand.state()).heard, first, "nothing more comes out");
    t.ok(first.millis < 3000);

    const long = speaker.play(clip, never);
    t.ok(await eventually(() => running(hand.state())));
    const short = clipOf(300);
    await Promise.all([long, speaker.play(short.clip, never)]);
    t.match((await hand.state()).heard, { clips: 3, millis: 300, sha256: short.sha256 });
    speaker.close();
    await close();
  },
);

t.test("has one holder, and says missing, busy, stalled and lost", async (t) => {
  const { hand, open, close } = await openBench();
  const lost: string[] = [];
  const speaker = await open();
  speaker.onLost(({ code }) => lost.push(code));
  await t.rejects(open(), { code: "speaker.busy" });
  await t.rejects(speaker.play(Buffer.from("no sound"), never), { code: "media.unreadable" });
  await hand.stall("speaker");
  await t.rejects(speaker.play(clipOf(300).clip, never), { code: "speaker.stalled" });
  await hand.comeBack("speaker");
  const cut = t.rejects(speaker.play(clipOf(3000).clip, never), { code: "speaker.lost" });
  t.ok(await eventually(() => running(hand.state())));
  await hand.vanish("speaker");
  await cut;
  t.strictSame(lost, ["speaker.lost"]);
  await t.rejects(open(), { code: "speaker.missing" });
  await hand.comeBack("speaker");
  const again = await open();
  again.onLost(() => lost.push("told after close"));
  await again.play(clipOf(100).clip, never);
  again.close();
  t.ok(await eventually(async () => (await hand.state()).holders.speaker === 0));
  t.strictSame(lost, ["speaker.lost"]);
  await close();
});

/** Root mean square of what the microphone gives for this long, in dBFS. */
function micLevel(folder: string, millis: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(join(folder, "mic.sock"));
    let bytes = Buffer.alloc(0);
    socket.once("error", reject);
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < millis * 32) return;
      socket.destroy();
      let power = 0;
      for (let at = 0; at + 1 < bytes.length; at += 2) power += (bytes.readInt16LE(at) / 32_768) ** 2;
      resolve(10 * Math.log10(power / (bytes.length / 2)));
    });
  });
}

t.test("the microphone hears the told share of the speaker, and nothing of it until told", async (t) => {
  const { folder, hand, open, close } = await openBench();
  const speaker = await open();
  const stop = new AbortController();
  const playing = speaker.play(clipOf(5000).clip, stop.signal);
  t.ok(await eventually(() => running(hand.state())));
  t.ok((await micLevel(folder, 200)) < -60, "the quiet room");
  await hand.echo(0.1);
  t.ok(await eventually(async () => (await hand.state()).holders.mic === 0));
  const level = await micLevel(folder, 200);
  t.ok(Math.abs(level - -35) < 2, `20 dB below the speaker: ${level}`);
  stop.abort();
  await playing;
  speaker.close();
  await close();
});

speakerConformance(t, async () => {
  const bench = await openBench();
  return {
    open: bench.open,
    // The emulated microphone is the ear: it hears all of what the speaker plays.
    listen: async () => {
      await bench.hand.echo(1);
      const chunks: Buffer[] = [];
      const ear = connect(join(bench.folder, sockets.mic));
      ear.on("data", (chunk) => chunks.push(chunk));
      await systemClock.sleep(100);
      return {
        stop: async () => {
          ear.destroy();
          return loudMillis(Buffer.concat(chunks));
        },
      };
    },
    unplug: bench.unplug,
    close: bench.close,
  };
});
