import t from "tap";
import { run } from "../../runtime/subprocess.ts";
import { beamDelays, takeFilter } from "./take.ts";

const four = { channels: 4, sampleRate: 48_000 };
const beam = (angleDegrees: number) => ({ beam: { spacingMillimetres: 40, angleDegrees } });

t.test("delays stand for the way of sound between the microphones, and none is negative", async (t) => {
  t.strictSame(beamDelays({ spacingMillimetres: 40, angleDegrees: 0 }, four), [0, 0, 0, 0]);
  // 40 mm · sin 30° · 48 000 / 343 = 2.8 samples a neighbour.
  t.strictSame(beamDelays({ spacingMillimetres: 40, angleDegrees: 30 }, four), [0, 3, 6, 8]);
  t.strictSame(beamDelays({ spacingMillimetres: 40, angleDegrees: -30 }, four), [8, 6, 3, 0]);
});

t.test("one channel needs no filter, and a channel that is not there is refused by its name", async (t) => {
  t.equal(takeFilter("mix", { channels: 1, sampleRate: 16_000 }), undefined);
  t.equal(takeFilter({ channel: 2 }, four), "pan=mono|c0=c2");
  t.throws(() => takeFilter({ channel: 4 }, four), { code: "config.invalid", field: "take.channel" });
});

/** Level in dB of a 2 kHz wave that reaches each next channel `late` samples earlier, after the filter. */
async function level(filter: string, late: number): Promise<number> {
  const channels = [0, 1, 2, 3].map((at) => `sin(2*PI*2000*(t+${at * late}/48000))`).join("|");
  const source = ["-f", "lavfi", "-i", `aevalsrc=exprs=${channels}:sample_rate=48000:duration=0.5`];
  const plain = ["-af", filter, "-f", "s16le", "-c:a", "pcm_s16le", "pipe:1"];
  const bytes = await run("ffmpeg", ["-v", "error", ...source, ...plain]);
  let squares = 0;
  const count = Math.floor(bytes.length / 2);
  for (let at = 1000; at < count - 1000; at++) squares += bytes.readInt16LE(at * 2) ** 2;
  return 10 * Math.log10(squares / (count - 2000));
}

t.test("a beam keeps what comes from its side and weakens what comes from the other", async (t) => {
  const filter = takeFilter(beam(30), four) ?? "";
  // From 30° the wave is 2.8 samples earlier at each next microphone; from -30° as much later.
  const [from, opposite] = [await level(filter, 2.8), await level(filter, -2.8)];
  t.ok(from - opposite > 9, `${(from - opposite).toFixed(1)} dB`);
});
