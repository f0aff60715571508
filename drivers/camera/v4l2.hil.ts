import t from "tap";
import { minutes } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { plug, unplug } from "../../test/hil/guest/hardware.ts";
import { cameraConformance } from "./conformance.ts";
import { v4l2Camera } from "./v4l2.ts";

// Emulation is slow: the runner would end a file after 30 s.
t.setTimeout(minutes(8));

const context = { clock: systemClock, log: silentLog() };
const picture = { width: 320, height: 180, framesPerSecond: 5 };
const options = v4l2Camera.options.parse({ device: "/dev/video0", picture, stallMillis: 30_000 });
const slow = 5;

cameraConformance(t, picture.framesPerSecond, async () => {
  let there = true;
  return {
    slow,
    open: () => v4l2Camera.open(options, context),
    unplug: async () => {
      there = false;
      await unplug("vivid");
    },
    plug: async () => {
      there = true;
      await plug("vivid");
    },
    close: async () => {
      if (!there) await plug("vivid");
    },
  };
});

void t.test("negotiates with the kernel what is nearest to the wish", async (t) => {
  const open = (wish: typeof picture) => v4l2Camera.open({ ...options, picture: wish }, context);
  t.match(await open(picture), { ...picture, input: ["-f", "v4l2", "-input_format", "nv12"] });
  t.match(await open({ width: 600, height: 400, framesPerSecond: 20 }), {
    width: 640,
    height: 480,
    framesPerSecond: 25,
  });
  t.match(await open({ width: 1280, height: 720, framesPerSecond: 30 }), { width: 1280, framesPerSecond: 12.5 });
});

void t.test("finds the camera by its name and by its path in the machine", async (t) => {
  for (const device of ["card:vivid", "/dev/v4l/by-path/platform-vivid.0-video-index0"])
    t.equal((await v4l2Camera.open({ ...options, device }, context)).input.at(-1), "/dev/video0");
});

void t.test("opens a camera that has none of the settings wished for", async (t) => {
  const controls = { autofocus: false, powerLineHertz: 50 as const };
  t.match(await v4l2Camera.open({ ...options, controls }, context), picture);
});

void t.test("opens a camera that is fed by another program at the rate wished for", async (t) => {
  const wish = { width: 320, height: 240, framesPerSecond: 5 };
  t.match(await v4l2Camera.open({ ...options, device: "/dev/video9", picture: wish }, context), wish);
});
