import t from "tap";
import { levelled } from "./level.ts";

/** A second of a voice-like mixture at this gain. */
const sound = (gain: number): Float32Array =>
  Float32Array.from({ length: 16_000 }, (_, at) => gain * (0.3 * Math.sin(at / 11) + 0.1 * Math.sin(at / 3)));
const rms = (pcm: Float32Array): number => Math.sqrt(pcm.reduce((sum, one) => sum + one * one, 0) / pcm.length);

t.test("a louder and a fainter voice are handed on as the same sound", (t) => {
  const wanted = levelled(sound(1));
  t.ok(Math.abs(20 * Math.log10(rms(wanted)) + 20) < 0.01, "at −20 dBFS");
  for (const gain of [0.02, 0.2, 2]) {
    const found = levelled(sound(gain));
    t.ok(
      found.every((one, at) => Math.abs(one - (wanted[at] ?? 0)) < 1e-6),
      `${gain}`,
    );
  }
  t.end();
});

t.test(
  "a click sets the level where it would clip, silence stays silence, and noise is not raised without end",
  (t) => {
    const click = sound(0.01);
    click[8000] = 0.5;
    t.ok(levelled(click).every((one) => Math.abs(one) <= 0.9901));
    t.same(levelled(new Float32Array(100)), new Float32Array(100));
    t.same(levelled(new Float32Array(0)), new Float32Array(0));
    t.ok(rms(levelled(sound(1e-6))) < 1e-4);
    t.end();
  },
);
