import { join } from "node:path";
import t from "tap";
import { decodeSound } from "../../inference/transcribe.ts";
import { run } from "../../runtime/subprocess.ts";
import { makeVariant, type Variant, variantGroups, variants } from "./variants.ts";

const rate = 16_000;
const length = 2;

/** Two seconds of 220 Hz at −20 dBFS RMS; its pitch can be counted. */
async function tone(folder: string): Promise<string> {
  const file = join(folder, "tone.wav");
  const source = `sine=frequency=220:sample_rate=${rate}:duration=${length},volume=1.131`;
  await run("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", source, "-ac", "1", file]);
  return file;
}

async function samples(file: string): Promise<Float32Array> {
  const pieces: number[] = [];
  for await (const piece of decodeSound(file)) pieces.push(...piece);
  return Float32Array.from(pieces);
}

const decibels = (pcm: Float32Array): number =>
  10 * Math.log10(pcm.reduce((sum, one) => sum + one * one, 0) / pcm.length);

/** Rising zero crossings a second, over the middle: the stretcher fades in and out. */
function frequency(pcm: Float32Array): number {
  const middle = pcm.subarray(pcm.length / 4, (pcm.length * 3) / 4);
  const rises = middle.reduce((sum, one, at) => sum + (at > 0 && one >= 0 && (middle[at - 1] ?? 0) < 0 ? 1 : 0), 0);
  return (rises * rate) / middle.length;
}

const named = (name: string): Variant => {
  const found = variants.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no variant ${name}`);
  return found;
};

t.test("every group of variants holds some, and each name stands once", (t) => {
  for (const group of variantGroups) t.ok(variants.filter((one) => one.group === group).length >= 2, group);
  t.equal(new Set(variants.map((one) => one.name)).size, variants.length);
  t.end();
});

t.test("each variant changes what it names, and nothing else that can be measured", async (t) => {
  const folder = t.testdir();
  const recording = await tone(folder);
  const original = await samples(recording);
  const level = decibels(original);
  const changed = async (name: string) =>
    samples(await makeVariant(recording, named(name), { folder, rmsDbfs: level }));

  const slow = await changed("speed × 0.8");
  t.ok(Math.abs(slow.length / rate - length / 0.8) < 0.1, `slower lasts longer: ${slow.length / rate} s`);
  t.ok(Math.abs(frequency(slow) - 220) < 4, `and keeps its pitch: ${frequency(slow)} Hz`);

  const fast = await changed("speed × 1.25");
  t.ok(Math.abs(fast.length / rate - length / 1.25) < 0.1, `${fast.length / rate} s`);

  const high = await changed("pitch +3 st");
  t.ok(Math.abs(frequency(high) - 220 * 2 ** (3 / 12)) < 5, `three semitones up: ${frequency(high)} Hz`);
  t.ok(Math.abs(high.length / rate - length) < 0.1, "as long as before");
  const low = await changed("pitch and formants −3 st");
  t.ok(Math.abs(frequency(low) - 220 * 2 ** (-3 / 12)) < 5, `three semitones down: ${frequency(low)} Hz`);

  const quiet = await changed("loudness −15 dB");
  t.ok(Math.abs(decibels(quiet) - (level - 15)) < 0.5, `${decibels(quiet)} dBFS of ${level}`);
  t.ok(Math.max(...(await changed("loudness +6 dB"))) < 1, "louder does not clip");

  const noisy = await changed("room noise, 15 dB below the voice");
  const added = noisy.map((one, at) => one - (original[at] ?? 0));
  t.ok(Math.abs(decibels(added) - (level - 15)) < 1, `the noise alone: ${decibels(added)} dBFS of ${level}`);
  t.equal(noisy.length, original.length);
});
