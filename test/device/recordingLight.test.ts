import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { type Millis, millis, seconds } from "../../contracts/units.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { wavOf } from "../../runtime/wav.ts";
import { Rig, until } from "./capture-rig.ts";
import { LightWatch, type LitAnswer } from "./recordingLight.ts";

t.setTimeout(seconds(280));
const limit = millis(50);
const rig = await Rig.open();
t.teardown(() => rig.stop());

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Samples in each of which its place in the clip can be read, under the room's noise of ±18. */
const stairs = { samples: 4 * 16_000, each: 160, lowest: -15_000, step: 75 } as const;

/** The place in the stairs of the sample `at` of the sound, by the first step after it. */
function placeOf(sound: Int16Array, at: number): number {
  const stepAt = (index: number): number => Math.round(((sound[index] ?? 0) - stairs.lowest) / stairs.step);
  let next = at + 1;
  while (next < sound.length && stepAt(next) === stepAt(at)) next++;
  return stepAt(next) * stairs.each - (next - at);
}

t.test("is lit from the first to the last of what is kept, of sound and of pictures", async (t) => {
  for (const stream of ["mic", "camera"] as const) {
    const watch = await LightWatch.open(rig, stream);
    const answers: LitAnswer[] = [];
    for (let at = 0; at < 5; at++) answers.push(await watch.record(`${stream}-${at}`, millis(400 + 37 * at)));
    const before = answers.map(({ first, lit }) => first - lit);
    const after = answers.map(({ last, dark }) => dark - last);
    t.comment(
      `${stream}: lit ${before.map(Math.round)} ms before the first, dark ${after.map(Math.round)} ms after the last`,
    );
    // However busy the machine is, nothing is kept that was taken in the dark.
    t.ok(Math.min(...before) > -limit, `${stream} keeps nothing of before the light`);
    t.ok(Math.min(...after) > -limit, `${stream} keeps nothing of after the light`);
    t.ok(Math.abs(median(before)) <= limit, `${stream}'s light comes with the first of it`);
    t.ok(median(after) <= limit, `${stream}'s light goes with the last of it`);
  }
});

t.test("what stands in the recording was heard while the light was lit, and all of that stands in it", async (t) => {
  const file = join(rig.folder, "stairs.wav");
  await writeFile(
    file,
    wavOf(
      Int16Array.from(
        { length: stairs.samples },
        (_, at) => stairs.lowest + stairs.step * Math.floor(at / stairs.each),
      ),
    ),
  );
  const watch = await LightWatch.open(rig, "mic");
  const playing = rig.board.play(file);
  await clock.sleep(seconds(1));
  const { lit, dark } = await watch.record("stairs", seconds(1));
  const { atMonotonic: end } = await playing;
  const { segments } = watch.listener;
  const pcm = await rig.unsealed(segments.filter(({ answerId }) => answerId === "stairs"));
  const sound = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2);
  const heardAt = (place: number): Millis => end - (stairs.samples - place) / 16;
  const first = heardAt(placeOf(sound, 0));
  const last = heardAt(placeOf(sound, 0) + sound.length);
  t.comment(`first heard ${Math.round(first - lit)} ms after lit, last ${Math.round(dark - last)} ms before dark`);
  t.ok(Math.abs(first - lit) <= 2 * limit, "from the light on");
  t.ok(Math.abs(dark - last) <= 2 * limit, "until it is dark");
});

t.test("is dark while the hardware is away, though a recording is asked for", async (t) => {
  const watch = await LightWatch.open(rig, "mic");
  await rig.board.vanish("mic");
  await watch.listener.wait("state", ({ state }) => state === "degraded");
  watch.listener.send(rig.record("away"));
  await clock.sleep(millis(300));
  t.strictSame(watch.changes, []);
  await rig.board.comeBack("mic");
  await watch.listener.wait("recording", ({ answerId }) => answerId === "away");
  await until("the light to be lit", () => (watch.changes.at(-1)?.lit ? true : undefined));
  await rig.board.vanish("mic");
  await until("the light to be dark", () => (watch.changes.at(-1)?.lit === false ? true : undefined), seconds(1));
  await rig.board.comeBack("mic");
  await until("the light to be lit again", () => (watch.changes.at(-1)?.lit ? true : undefined));
  watch.listener.send({ do: "stop", answerId: "away" });
  await watch.listener.wait("stopped", ({ answerId }) => answerId === "away");
});

t.test("is dark while the disk takes nothing", async (t) => {
  const watch = await LightWatch.open(rig, "mic");
  watch.listener.send(rig.record("full"));
  await watch.listener.wait("segment", ({ segment }) => segment.answerId === "full");
  await rename(rig.media, `${rig.media}.away`);
  await writeFile(rig.media, "no folder");
  await watch.listener.wait("state", ({ state }) => state === "degraded");
  await until("the light to be dark", () => (watch.changes.at(-1)?.lit === false ? true : undefined), seconds(1));
  t.equal((await rig.board.state()).leds["recording"], false);
  watch.listener.send({ do: "stop", answerId: "full" });
  await watch.listener.wait("stopped", ({ answerId }) => answerId === "full");
});
