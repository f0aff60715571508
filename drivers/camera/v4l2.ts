import { z } from "zod";
import { asFault, Fault } from "../../contracts/fault.ts";
import { blameDevice } from "../blame.ts";
import { type CameraSource, type DriverContext, defineDriver } from "../port.ts";
import { type Choice, choose, type Picture, tell } from "../v4l2/choose.ts";
import { type Controls, controls, settle } from "../v4l2/controls.ts";
import { busLimit, deviceFile, isFed, v4l2 } from "../v4l2/device.ts";
import { parseControls, parseFormats, withoutRates } from "../v4l2/formats.ts";

const options = z.strictObject({
  /** A path, best one below /dev/v4l/by-id, or "card:" and the camera's name, as `v4l2-ctl --list-devices` tells it. */
  device: z.string().min(1).default("/dev/video0"),
  /** The wish: what is nearest to it of what the camera offers is taken. */
  picture: z
    .strictObject({ width: z.int().positive(), height: z.int().positive(), framesPerSecond: z.int().positive() })
    .default({ width: 640, height: 480, framesPerSecond: 15 }),
  /** Age of the newest data at which it counts as stalled. */
  stallMillis: z.int().min(500).default(2000),
  controls: controls.default({}),
});

/** What the camera is opened with. One that tells nothing is opened as wished: ffmpeg says then whether it can be. */
async function negotiate(file: string, wish: Picture): Promise<Picture & Partial<Choice>> {
  const told = parseFormats(await v4l2(file, "--list-formats-ext"));
  if (told.length === 0) return wish;
  // v4l2loopback promises 30 pictures a second, however many it is fed.
  const formats = (await isFed(file)) ? withoutRates(told) : told;
  const choice = choose(wish, formats, await busLimit(file));
  if (choice !== undefined) return choice;
  throw new Fault("camera.format", `the camera ${file} offers nothing that can be read: ${tell(formats)}`);
}

/** A camera without a setting, or one that refuses it, is a camera still. */
async function adjust(file: string, wish: Controls, { log }: DriverContext): Promise<void> {
  if (Object.keys(wish).length === 0) return;
  const { set, absent } = settle(wish, parseControls(await v4l2(file, "--list-ctrls")));
  if (absent.length > 0) log.info({ device: file, absent }, "the camera does not offer these settings");
  for (const setting of set)
    try {
      await v4l2(file, "--set-ctrl", setting);
    } catch (error) {
      log.info({ device: file, setting, err: asFault(error) }, "the camera refuses this setting");
    }
}

/** @throws Fault camera.missing, camera.permission, camera.format; process.missing */
async function openV4l2(wanted: z.output<typeof options>, context: DriverContext): Promise<CameraSource> {
  const { device, picture, stallMillis } = wanted;
  const file = await deviceFile(device);
  const { width, height, framesPerSecond, pixels } = await negotiate(file, picture);
  await adjust(file, wanted.controls, context);
  return {
    width,
    height,
    framesPerSecond,
    input: [
      ...["-f", "v4l2", ...(pixels === undefined ? [] : ["-input_format", pixels])],
      ...["-framerate", String(framesPerSecond), "-video_size", `${width}x${height}`, "-i", file],
    ],
    stallAfter: stallMillis,
    blame: (end) => blameDevice("camera", device, end),
  };
}

export const v4l2Camera = defineDriver({
  kind: "camera",
  summary:
    "A camera of the kernel's V4L2 (USB, and CSI where the board's driver does without libcamera), read by ffmpeg",
  options,
  open: openV4l2,
});
