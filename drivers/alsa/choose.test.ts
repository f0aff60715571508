import t from "tap";
import { choose, tell, type Wish } from "./choose.ts";
import type { Hardware } from "./hardware.ts";

const wish: Wish = { channels: "auto", sampleRate: 16_000, take: "mix" };
const beam = { beam: { spacingMillimetres: 40, angleDegrees: 0 } };
const hardware = (change: Partial<Hardware>): Hardware => ({
  formats: ["S16_LE"],
  channels: { least: 1, most: 2 },
  rate: { least: 8000, most: 48_000 },
  ...change,
});
/** ALSA's own converters offer about this much. */
const converting = hardware({ channels: { least: 1, most: 10_000 }, rate: { least: 4000, most: 4_294_967_295 } });

t.test("the wished rate is taken where it is offered, else the nearest above, else the highest", async (t) => {
  const rate = (least: number, most: number) => choose(wish, hardware({ rate: { least, most } }))?.sampleRate;
  t.equal(rate(8000, 48_000), 16_000);
  t.equal(rate(44_100, 48_000), 44_100);
  t.equal(rate(8000, 11_025), 11_025);
});

t.test("as many channels are opened as what is made of them needs", async (t) => {
  const six = { least: 1, most: 6 };
  const channels = (change: Partial<Wish>, offered = six) =>
    choose({ ...wish, ...change }, hardware({ channels: offered }))?.channels;
  t.equal(channels({}), 1);
  t.equal(channels({}, { least: 6, most: 6 }), 6, "a device of six only");
  t.equal(channels({ take: { channel: 3 } }), 4);
  t.equal(channels({ take: { channel: 0 } }, { least: 2, most: 2 }), 2);
  t.equal(channels({ take: beam }), 6);
  t.equal(choose({ ...wish, take: beam }, converting)?.channels, 2, "no thousands");
  t.equal(channels({ channels: 4 }), 4);
});

t.test("16 bits go before 32, and what ffmpeg cannot read is not chosen", async (t) => {
  const codec = (...formats: string[]) => choose(wish, hardware({ formats }))?.codec;
  t.equal(codec("S32_LE", "S16_LE"), "pcm_s16le");
  t.equal(codec("S24_LE", "S32_LE"), "pcm_s32le");
  t.equal(codec("S24_LE"), undefined);
});

t.test("nothing is chosen that is not offered, and the offer can be told", async (t) => {
  t.equal(choose({ ...wish, channels: 4 }, hardware({})), undefined);
  t.equal(choose({ ...wish, take: { channel: 2 } }, hardware({})), undefined);
  t.equal(tell(hardware({ rate: { least: 48_000, most: 48_000 } })), "1 to 2 channels, 48000 Hz, S16_LE");
});
