import t from "tap";
import { Meter, type Reading } from "./meter.ts";

/** A square wave of this height, `millis` long: its level is its height. */
function square(height: number, millis: number): Buffer {
  const pcm = Buffer.alloc(millis * 32);
  for (let at = 0; at < pcm.length / 2; at++)
    pcm.writeInt16LE(at % 40 < 20 ? height : Math.max(-32_768, -height), at * 2);
  return pcm;
}
function read(meter: Meter, pcm: Buffer): Reading[] {
  const readings: Reading[] = [];
  for (let at = 0; at < pcm.length; at += 1234) meter.measure(pcm.subarray(at, at + 1234), (one) => readings.push(one));
  return readings;
}
const near = (value: number | undefined, wanted: number): boolean => Math.abs((value ?? Number.NaN) - wanted) < 0.1;

t.test("a level and a peak five times a second, however the samples come", async (t) => {
  const readings = read(new Meter(), square(3277, 1000));
  t.equal(readings.length, 5);
  t.ok(readings.every(({ level, peak, clipped }) => near(level, -20) && near(peak, -20) && clipped === 0));
  t.match(read(new Meter(), Buffer.alloc(6400)), [{ level: -96, peak: -96, clipped: 0 }]);
});

t.test("what stands at full scale is clipped, as its share of the samples", async (t) => {
  const [half] = read(new Meter(), Buffer.concat([square(32_767, 100), square(1000, 100)]));
  t.equal(half?.clipped, 0.5);
  const [loud] = read(new Meter(), square(32_000, 200));
  t.equal(loud?.clipped, 0);
});

t.test("the floor is what is left in the pauses of speech, once two seconds are known", async (t) => {
  const meter = new Meter();
  const spoken = Buffer.concat(Array.from({ length: 5 }, () => [square(6000, 1600), square(33, 400)]).flat());
  const readings = read(meter, spoken);
  t.equal(readings[8]?.noiseFloor, undefined);
  t.ok(near(readings.at(-1)?.noiseFloor, -60), String(readings.at(-1)?.noiseFloor));
  // Ten seconds later nothing of that quiet room counts any more.
  t.ok(near(read(meter, square(327, 10_000)).at(-1)?.noiseFloor, -40));
});
