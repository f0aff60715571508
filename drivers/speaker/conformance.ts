import type { Test } from "tap";
import { Fault } from "../../contracts/fault.ts";
import { seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { wavOf } from "../../runtime/wav.ts";
import { eventually } from "../eventually.ts";
import type { Speaker } from "../port.ts";

/** One loudspeaker of a mechanism, and the ear before it. */
export type SpeakerBench = {
  open(): Promise<Speaker>;
  /** Starts to listen; `stop` tells how many milliseconds of sound above silence were heard. */
  listen(): Promise<{ stop(): Promise<number> }>;
  unplug(): Promise<void>;
  close(): Promise<void>;
  /** How many times slower than a board the machine is, where it is emulated. */
  slow?: number;
};

/** A tone of 440 Hz at a quarter of full scale, as a WAV file of 16 kHz. */
export const tone = (millis: number): Buffer =>
  wavOf(
    Int16Array.from({ length: millis * 16 }, (_, at) => Math.round(8192 * Math.sin((2 * Math.PI * 440 * at) / 16_000))),
  );

/** Milliseconds of s16le 16 kHz mono that are louder than a quiet room (-50 dBFS), looked at in steps of 20 ms. */
export function loudMillis(pcm: Buffer): number {
  const step = 320 * 2;
  let loud = 0;
  for (let at = 0; at + step <= pcm.length; at += step) {
    let squares = 0;
    for (let sample = at; sample < at + step; sample += 2) squares += pcm.readInt16LE(sample) ** 2;
    if (Math.sqrt(squares / 320) > 32_768 * 10 ** (-50 / 20)) loud += 20;
  }
  return loud;
}

const never = new AbortController().signal;

/** Every loudspeaker passes this. */
export function speakerConformance(t: Test, newBench: () => Promise<SpeakerBench>): void {
  void t.test("plays the whole of a clip in its time, and nothing at volume 0", async (t) => {
    const bench = await newBench();
    const speaker = await bench.open();
    const ear = await bench.listen();
    const begun = systemClock.monotonic();
    await speaker.play(tone(1000), never);
    t.ok(systemClock.monotonic() - begun >= 900, "no faster than it sounds");
    speaker.setVolume(0);
    await speaker.play(tone(500), never);
    await systemClock.sleep(seconds(0.5) * (bench.slow ?? 1));
    const heard = await ear.stop();
    t.ok(heard >= 850 && heard <= 1150, `${heard} ms of 1000 were heard`);
    speaker.close();
    await bench.close();
  });

  void t.test("is silent when the signal ends a clip, and a second clip takes the place of the first", async (t) => {
    const bench = await newBench();
    const speaker = await bench.open();
    const ear = await bench.listen();
    const ending = new AbortController();
    const first = speaker.play(tone(20_000), ending.signal);
    await systemClock.sleep(seconds(1.5) * (bench.slow ?? 1));
    const second = speaker.play(tone(20_000), ending.signal);
    await first;
    await systemClock.sleep(seconds(1) * (bench.slow ?? 1));
    ending.abort();
    await second;
    await systemClock.sleep(seconds(0.5));
    const heard = await ear.stop();
    t.ok(heard > 200 && heard < 15_000 * (bench.slow ?? 1), `${heard} ms of 40 000 were heard`);
    speaker.close();
    await bench.close();
  });

  void t.test("of clips asked for at one moment the last is heard, and the others end", async (t) => {
    const bench = await newBench();
    const speaker = await bench.open();
    const ear = await bench.listen();
    await Promise.all([3000, 3000, 500].map((millis) => speaker.play(tone(millis), never)));
    await systemClock.sleep(seconds(0.5) * (bench.slow ?? 1));
    const heard = await ear.stop();
    t.ok(heard >= 350 && heard <= 700, `${heard} ms of 500 were heard`);
    speaker.close();
    await bench.close();
  });

  void t.test("tells once that the hardware went away, and cannot be opened then", async (t) => {
    const bench = await newBench();
    const speaker = await bench.open();
    const lost: string[] = [];
    speaker.onLost(({ code }) => lost.push(code));
    await bench.unplug();
    t.ok(await eventually(() => lost.length > 0, seconds(5) * (bench.slow ?? 1)));
    t.strictSame(lost, ["speaker.lost"]);
    await t.rejects(bench.open(), Fault);
    await bench.close();
  });
}
