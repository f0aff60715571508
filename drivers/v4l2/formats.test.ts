import t from "tap";
import { parseControls, parseFormats, withoutRates } from "./formats.ts";

t.test("reads sizes and rates of a camera that names each", async (t) => {
  const said = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 1280x720
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.080s (12.500 fps)
	[1]: 'YUYV' (YUYV 4:2:2, csc-colorspace, csc-ycbcr)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.100s (10.000 fps)
`;
  const one = { width: 1, height: 1 };
  const only = (width: number, height: number, ...discrete: number[]) => {
    const size = { width, height };
    return { least: size, most: size, step: one, rates: { discrete } };
  };
  t.strictSame(parseFormats(said), [
    { pixels: "MJPG", compressed: true, sizes: [only(1280, 720, 30, 12.5)] },
    { pixels: "YUYV", compressed: false, sizes: [only(640, 480, 30), only(1280, 720, 10)] },
  ]);
});

t.test("reads sizes and rates that a device takes in steps or steplessly", async (t) => {
  const said = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'YU12' (Planar YUV 4:2:0)
		Size: Stepwise 32x32 - 3280x2464 with step 2/2
			Interval: Stepwise 0.011s - 1.000s with step 0.001s (1.000-90.000 fps)
	[1]: 'YUYV' (YUYV 4:2:2)
		Size: Continuous 2x1 - 8192x8192
			Interval: Continuous 0.001s - 1.000s (1.000-1000.000 fps)
`;
  t.strictSame(parseFormats(said), [
    {
      pixels: "YU12",
      compressed: false,
      sizes: [
        {
          least: { width: 32, height: 32 },
          most: { width: 3280, height: 2464 },
          step: { width: 2, height: 2 },
          rates: { least: 1, most: 90 },
        },
      ],
    },
    {
      pixels: "YUYV",
      compressed: false,
      sizes: [
        {
          least: { width: 2, height: 1 },
          most: { width: 8192, height: 8192 },
          step: { width: 1, height: 1 },
          rates: { least: 1, most: 1000 },
        },
      ],
    },
  ]);
});

t.test("reads what names no rates, no sizes, or nothing at all", async (t) => {
  const head = "ioctl: VIDIOC_ENUM_FMT\n\tType: Video Capture\n\n";
  const [grabber] = parseFormats(`${head}\t[0]: 'UYVY' (UYVY 4:2:2)\n`);
  t.strictSame(grabber, { pixels: "UYVY", compressed: false, sizes: [] });
  const [shown] = parseFormats(`${head}\t[0]: 'YUYV' (YUYV 4:2:2)\n\t\tSize: Discrete 320x240\n`);
  t.equal(shown?.sizes.length, 1);
  t.equal(shown?.sizes[0]?.rates, undefined);
  t.strictSame(parseFormats(head), []);
  t.strictSame(parseFormats(""), []);
});

t.test("leaves the rates out of what a fed device promises", async (t) => {
  const said = "\t[0]: 'YUYV' (YUYV 4:2:2)\n\t\tSize: Discrete 320x240\n\t\t\tInterval: Discrete 0.033s (30.000 fps)\n";
  const [format] = withoutRates(parseFormats(said));
  t.equal(format?.sizes[0]?.rates, undefined);
  t.strictSame(format?.sizes[0]?.most, { width: 320, height: 240 });
});

t.test("tells formats of big-endian samples by their four characters", async (t) => {
  t.equal(parseFormats("\t[27]: 'Y16 -BE' (16-bit Greyscale BE, csc-colorspace)\n")[0]?.pixels, "Y16 ");
});

t.test("reads controls, and which of them have no effect now", async (t) => {
  const said = `
User Controls

                     brightness 0x00980900 (int)    : min=0 max=255 step=1 default=128 value=128 flags=slider
        white_balance_automatic 0x0098090c (bool)   : default=1 value=1
      white_balance_temperature 0x0098091a (int)    : min=2000 max=6500 step=1 default=4000 value=4000 flags=inactive
           power_line_frequency 0x00980918 (menu)   : min=0 max=2 default=2 value=2 (60 Hz)
`;
  t.strictSame(parseControls(said), [
    { name: "brightness", type: "int", inactive: false },
    { name: "white_balance_automatic", type: "bool", inactive: false },
    { name: "white_balance_temperature", type: "int", inactive: true },
    { name: "power_line_frequency", type: "menu", inactive: false },
  ]);
});
