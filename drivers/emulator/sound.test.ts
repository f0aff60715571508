import t from "tap";
import { run } from "../../runtime/subprocess.ts";
import { eventually } from "../eventually.ts";
import { emulatedMic } from "../mic/emulated.ts";
import { openBoardBench } from "./bench.ts";
import { Room, samplesOf } from "./sound.ts";

const dbfs = (samples: Int16Array): number =>
  10 * Math.log10(samples.reduce((power, sample) => power + (sample / 32_768) ** 2, 0) / samples.length);
const none = new Int16Array(0);
const near = (value: number, wanted: number): boolean => Math.abs(value - wanted) < 0.5;

t.test("the room is as loud as told, and its microphone's gain clips what is too loud", async (t) => {
  const room = new Room();
  const hear = (spoken = none): Int16Array => samplesOf(room.hear(16_000, spoken));
  t.ok(near(dbfs(hear()), -70), "a quiet room");
  room.setNoise(-40);
  t.ok(near(dbfs(hear()), -40));
  room.setGain(20);
  t.ok(near(dbfs(hear()), -20));
  room.setGain(60);
  const loud = hear();
  t.ok(loud.filter((sample) => Math.abs(sample) >= 32_767).length > 8000, "clipped");
  room.setGain(0);
  room.setNoise(-70);
  const spoken = new Int16Array(16_000).fill(8192);
  t.ok(near(dbfs(hear(spoken)), -70), "nothing of the speaker until told");
  room.echoShare = 0.5;
  t.ok(near(dbfs(hear(spoken)), -18.1));
});

t.test("a device that another process has is busy to whoever opens it, and free when it returns", async (t) => {
  const { folder, hand, context, close } = await openBoardBench();
  t.teardown(close);
  const mic = await emulatedMic.open({ folder }, context);
  const read = async (): Promise<string> => {
    const words = [
      "-hide_banner",
      "-nostdin",
      "-loglevel",
      "error",
      ...mic.input,
      "-t",
      "0.1",
      "-f",
      "s16le",
      "pipe:1",
    ];
    const heard = await run("ffmpeg", words);
    return heard.length > 0 ? "read" : mic.blame({ received: false, complaint: "" }).code;
  };
  t.equal(await read(), "read");
  t.ok(await eventually(async () => (await hand.state()).holders.mic === 0));
  await hand.busy("mic");
  t.equal(await read(), "mic.busy");
  await hand.comeBack("mic");
  t.ok(await eventually(async () => (await hand.state()).holders.mic === 0));
  t.equal(await read(), "read");
});
