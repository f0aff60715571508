import t from "tap";
import { parseHardware } from "./hardware.ts";

/** In the form of arecord 1.2.8, between what it says before and after. */
const dump = (lines: readonly string[]): string =>
  [
    "Recording WAVE '/dev/null' : Unsigned 8 bit, Rate 8000 Hz, Mono",
    'HW Params of device "hw:CARD=Array,DEV=0":',
    "--------------------",
    "ACCESS:  MMAP_INTERLEAVED RW_INTERLEAVED",
    ...lines,
    "PERIOD_TIME: [1000 1000000]",
    "--------------------",
    "arecord: set_params:1352: Sample format non available",
  ].join("\n");

t.test("one number and spans are read, with their ends in or out", async (t) => {
  t.strictSame(parseHardware(dump(["FORMAT:  S16_LE S32_LE", "CHANNELS: 6", "RATE: [8000 48000]"])), {
    formats: ["S16_LE", "S32_LE"],
    channels: { least: 6, most: 6 },
    rate: { least: 8000, most: 48_000 },
  });
  t.strictSame(parseHardware(dump(["FORMAT:  U8", "CHANNELS: (0 3)", "RATE: 44100"])), {
    formats: ["U8"],
    channels: { least: 1, most: 2 },
    rate: { least: 44_100, most: 44_100 },
  });
});

t.test("what tells nothing of use is told apart from what offers nothing", async (t) => {
  t.equal(parseHardware("arecord: main:831: audio open error: No such device"), undefined);
  t.equal(parseHardware(dump(["FORMAT:  S16_LE", "CHANNELS: NONE", "RATE: 48000"])), undefined);
  t.strictSame(parseHardware(dump(["CHANNELS: 1", "RATE: 48000"]))?.formats, []);
});
