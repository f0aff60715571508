import t from "tap";
import type { Reading } from "../../contracts/ports.ts";
import type { Read } from "../reading.ts";
import { seeded } from "../scoring/seeded.ts";
import { expression, fillers, gaze, gesture, liveness, pitch, responseLatency, severalFaces } from "./registry.ts";

const word = (text: string, start: number) => ({ text, start, end: start + 200, confidence: 0.9 });

t.test("fillers are sounds that mean nothing else, in both languages", async (t) => {
  const words = ["嗯，", "那个", "我", "呃", "Um,", "likes", "umbrella", "er", "HMM"].map((text, at) =>
    word(text, at * 500),
  );
  const utterance = { start: 0, end: 5000, language: "en" as const, text: "", confidence: 1, words };
  const found = fillers.compute({ utterances: [utterance], speechMillis: 30_000 });
  t.strictSame(
    found.found.map(({ text, start }) => [text, start]),
    [
      ["嗯", 0],
      ["呃", 1500],
      ["Um", 2000],
      ["er", 3500],
      ["HMM", 4000],
    ],
  );
  t.equal(found.perMinute, 10);
  t.equal(fillers.compute({ utterances: [], speechMillis: 0 }).perMinute, 0);
});

t.test("the latency counts from the question's end to the first speech", async (t) => {
  const asked = { atMillis: 4000, by: "readOut" as const };
  const speech = [
    { start: 7200, end: 9000 },
    { start: 10_000, end: 11_000 },
  ];
  t.strictSame(responseLatency.compute({ asked, speech }), { askedMillis: 4000, by: "readOut", latencyMillis: 3200 });
  t.equal(responseLatency.compute({ asked, speech: [] }).latencyMillis, null);
  t.equal(responseLatency.compute({ asked, speech: [{ start: 3900, end: 5000 }] }).latencyMillis, 0);
});

t.test("several faces are told by stretch, with the most that were there", async (t) => {
  const one = { left: 0.1, top: 0.3, width: 0.3, height: 0.4, confidence: 0.9 };
  const look = (at: number, ...more: (typeof one)[]) => ({ at, faces: [one, ...more] });
  const other = { ...one, left: 0.6 };
  const behind = { ...one, left: 0.6, width: 0.05, height: 0.08 };
  const looked = [
    look(0),
    look(500, other),
    look(1000, other, { ...other, top: 0.1 }),
    look(1500, behind),
    look(2000, other),
    look(9000, other),
  ];
  t.strictSame(severalFaces.compute(looked), {
    pictures: 6,
    stretches: [
      { start: 500, end: 1000, most: 3 },
      { start: 2000, end: 2000, most: 2 },
      { start: 9000, end: 9000, most: 2 },
    ],
  });
});

/** A voice of one pitch with three overtones. */
const tone = (hertz: number, seconds: number, level = 0.2): Float32Array =>
  Float32Array.from({ length: seconds * 16_000 }, (_, at) =>
    [1, 2, 3, 4].reduce((sum, n) => sum + (level / n) * Math.sin((2 * Math.PI * hertz * n * at) / 16_000), 0),
  );
function measured(sounds: readonly Float32Array[], speech = true) {
  const meter = pitch.compute();
  for (const sound of sounds)
    for (let at = 0; at + 512 <= sound.length; at += 512) meter.add(sound.subarray(at, at + 512), speech);
  return meter.result();
}

t.test("pitch and its range are those of the tones that were made", async (t) => {
  const flat = measured([tone(120, 3)]);
  t.ok(flat && Math.abs(flat.hertz.median - 120) < 1.2, `${flat?.hertz.median} Hz`);
  t.ok(flat && flat.rangeSemitones < 0.2);
  const lively = measured([tone(100, 2), tone(200, 2), tone(100, 2, 0.02)]);
  t.ok(lively && Math.abs(lively.rangeSemitones - 12) < 0.3, `an octave: ${lively?.rangeSemitones}`);
  t.ok(lively && Math.abs(lively.rangeDecibels - 20) < 1, `${lively?.rangeDecibels} dB`);
});

t.test("no pitch is told of noise, of silence, of what is no speech, and of too little", async (t) => {
  const next = seeded(1);
  const noise = Float32Array.from({ length: 48_000 }, () => 0.3 * (2 * next() - 1));
  for (const sound of [noise, new Float32Array(48_000), tone(120, 0.4), new Float32Array(48_000).fill(Number.NaN)])
    t.equal(measured([sound]), null);
  t.equal(measured([tone(120, 3)], false), null);
});

const reads = (...readings: (Reading | undefined)[]): Read[] =>
  readings.map((reading, at) => (reading === undefined ? { at: at * 500 } : { at: at * 500, reading }));
const turned = (right: number, down = 0): Reading => ({
  head: { yaw: right, pitch: down, roll: 0 },
  gaze: { right, down },
});

t.test("gaze tells how much went to the screen, and when it did not", async (t) => {
  const found = gaze.compute(reads(turned(0), turned(45), turned(50), undefined, turned(-5), turned(0, 40)));
  t.match(found, {
    pictures: 5,
    towards: 0.4,
    away: [
      { start: 500, end: 1000 },
      { start: 2500, end: 2500 },
    ],
  });
  t.equal(gaze.compute(reads(turned(0), turned(0), turned(0))), null, "too few to tell");
});

t.test("gesture tells hands that are seen and move, and a head that turns", async (t) => {
  const at = (across: number, yaw: number): Reading => ({
    head: { yaw, pitch: 0, roll: 0 },
    wrists: [{ side: "left", across, down: 0.8 }],
  });
  const none: Reading = { wrists: [] };
  t.strictSame(gesture.compute(reads(at(0.1, 0), at(0.2, 10), at(0.1, 0), none)), {
    pictures: 4,
    hands: 0.75,
    handMotion: 0.2,
    headMotion: 20,
  });
  t.strictSame(gesture.compute(reads(none, none, none, none)), {
    pictures: 4,
    hands: 0,
    handMotion: null,
    headMotion: null,
  });
});

t.test("expression is a mean and liveness a median, of the pictures that have them", async (t) => {
  const smiling: Reading = { expression: { happy: 1, neutral: 0 }, liveness: { live: 0.9, real: 0.8 } };
  const calm: Reading = { expression: { happy: 0, neutral: 1 }, liveness: { live: 0.1, real: 0.2 } };
  const read = reads(smiling, smiling, undefined, smiling, calm);
  t.strictSame(expression.compute(read), { pictures: 4, shares: { happy: 0.75, neutral: 0.25 } });
  t.strictSame(liveness.compute(read), { pictures: 4, live: 0.9, real: 0.8 });
  t.equal(expression.compute(reads(smiling, undefined)), null);
  t.equal(liveness.compute([]), null);
});
