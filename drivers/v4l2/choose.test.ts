import t from "tap";
import { choose, tell } from "./choose.ts";
import type { Format, Sizes } from "./formats.ts";

const one = { width: 1, height: 1 };
const size = (width: number, height: number, ...discrete: number[]): Sizes => {
  const exactly = { width, height };
  const rates = discrete.length === 0 ? {} : { rates: { discrete } };
  return { least: exactly, most: exactly, step: one, ...rates };
};
const format = (pixels: string, ...sizes: Sizes[]): Format => ({ pixels, compressed: pixels === "MJPG", sizes });
const wish = { width: 1280, height: 720, framesPerSecond: 15 };
const usb2 = 24_000_000;

/** As most USB cameras: raw pictures slow where they are large. */
const webcam = [
  format("MJPG", size(1920, 1080, 30), size(1280, 720, 30, 15), size(640, 480, 30, 15)),
  format("YUYV", size(640, 480, 30, 15), size(1280, 720, 10)),
];

t.test("takes raw pictures where the camera gives them fast enough, else MJPEG", async (t) => {
  t.strictSame(choose(wish, webcam, usb2), { ...wish, pixels: "mjpeg" });
  const small = { width: 640, height: 480, framesPerSecond: 15 };
  t.strictSame(choose(small, webcam, usb2), { ...small, pixels: "yuyv422" });
  t.strictSame(choose({ ...wish, framesPerSecond: 10 }, webcam, usb2), {
    ...wish,
    framesPerSecond: 10,
    pixels: "yuyv422",
  });
});

t.test("takes MJPEG where raw pictures are more than the bus carries, whatever the camera promises", async (t) => {
  const bold = [format("YUYV", size(1280, 720, 30)), format("MJPG", size(1280, 720, 30))];
  t.equal(choose(wish, bold, usb2)?.pixels, "mjpeg");
  t.equal(choose(wish, bold)?.pixels, "yuyv422");
});

t.test(
  "takes the smallest size that covers the wish, and never makes a picture larger where a larger one is there",
  async (t) => {
    const sizes = format("YUYV", size(640, 480, 15), size(1280, 960, 15), size(1920, 1080, 15));
    t.match(choose(wish, [sizes]), { width: 1280, height: 960 });
    t.match(choose({ ...wish, width: 1100, height: 620 }, [sizes]), { width: 1280, height: 960 });
  },
);

t.test("takes the largest where none covers the wish, and a far too large one only where it must", async (t) => {
  t.match(choose(wish, [format("YUYV", size(320, 240, 15), size(640, 480, 15))]), { width: 640, height: 480 });
  const sizes = [format("YUYV", size(640, 480, 15), size(3840, 2160, 15))];
  t.match(choose(wish, sizes), { width: 640, height: 480 });
  t.match(choose(wish, [format("YUYV", size(3840, 2160, 15), size(2592, 1944, 15))]), { width: 2592, height: 1944 });
});

t.test("takes the slowest rate that is fast enough, else the fastest", async (t) => {
  t.equal(choose(wish, [format("YUYV", size(1280, 720, 60, 30, 25, 10))])?.framesPerSecond, 25);
  t.equal(choose(wish, [format("YUYV", size(1280, 720, 5, 10))])?.framesPerSecond, 10);
  const film = { ...wish, framesPerSecond: 30 };
  t.equal(
    choose(film, [format("YUYV", size(1280, 720, 29.97, 60))])?.framesPerSecond,
    29.97,
    "30000/1001 counts as 30",
  );
});

t.test("takes what is wished for, within the steps, where a device is free in size and rate", async (t) => {
  const least = { width: 32, height: 32 };
  const most = { width: 1920, height: 1080 };
  const free = (rates: { least: number; most: number }, step = one): Format =>
    format("YU12", { least, most, step, rates });
  t.strictSame(choose(wish, [free({ least: 1, most: 90 })]), { ...wish, pixels: "yuv420p" });
  t.equal(choose(wish, [free({ least: 1, most: 12 })])?.framesPerSecond, 12);
  t.equal(choose(wish, [free({ least: 25, most: 50 })])?.framesPerSecond, 25);
  const stepped = choose(wish, [free({ least: 1, most: 90 }, { width: 64, height: 64 })]);
  t.match(stepped, { width: 1312, height: 736 });
  t.match(choose({ ...wish, width: 3000, height: 2000 }, [free({ least: 1, most: 90 })]), most);
});

t.test("takes a device without rates, or without sizes, at its word", async (t) => {
  t.strictSame(choose({ ...wish, framesPerSecond: 5 }, [format("YUYV", size(320, 240))]), {
    pixels: "yuyv422",
    width: 320,
    height: 240,
    framesPerSecond: 5,
  });
  t.strictSame(choose(wish, [format("UYVY")]), { ...wish, pixels: "uyvy422" });
});

t.test("takes grey pictures only where there are none with colours, and nothing that cannot be read", async (t) => {
  t.equal(choose(wish, [format("GREY", size(1280, 720, 15)), format("MJPG", size(1280, 720, 15))])?.pixels, "mjpeg");
  t.equal(choose(wish, [format("GREY", size(1280, 720, 15))])?.pixels, "gray");
  const bayer = [format("pRAA", size(1280, 720, 15)), format("H264", size(1280, 720, 15))];
  t.equal(choose(wish, bayer), undefined);
  t.equal(tell(bayer), "pRAA 1280×720; H264 1280×720");
  t.equal(tell([]), "nothing");
});
