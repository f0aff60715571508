import { z } from "zod";
import { blameDevice } from "../blame.ts";
import { installed } from "../feeder/program.ts";
import { type CameraSource, defineDriver } from "../port.ts";

const options = z.strictObject({
  /** Number of the camera in `rpicam-hello --list-cameras`. */
  camera: z.int().min(0).default(0),
  picture: z
    .strictObject({
      // libcamera pads each row to 64 bytes, and the programs hand the padding out with it.
      width: z.int().positive().multipleOf(64),
      height: z.int().positive().multipleOf(2),
      framesPerSecond: z.int().positive(),
    })
    .default({ width: 640, height: 480, framesPerSecond: 15 }),
  /** Age of the newest data at which it counts as stalled. */
  stallMillis: z.int().min(500).default(3000),
  /** The first that is installed is used: Raspberry Pi OS 12 renamed it. */
  programs: z.array(z.string().min(1)).min(1).default(["rpicam-vid", "libcamera-vid"]),
  /** More for the program: turned or mirrored pictures, focus, exposure, a tuning file. */
  more: z.array(z.string()).default([]),
});

/**
 * Source: Raspberry Pi documentation, "rpicam-apps", options of rpicam-vid. Raw pictures rather than its H.264: a Pi 5
 * has no encoder, and the one of older boards gives no key frame when one is wanted.
 * @throws Fault process.missing
 */
async function openLibcamera(wanted: z.output<typeof options>): Promise<CameraSource> {
  const { camera, picture, stallMillis, programs, more } = wanted;
  const { width, height, framesPerSecond } = picture;
  const size = ["--width", String(width), "--height", String(height), "--framerate", String(framesPerSecond)];
  const endless = ["--nopreview", "--timeout", "0", "--codec", "yuv420", "--flush", "--output", "-"];
  return {
    ...picture,
    feeder: {
      program: await installed(programs, "rpicam-apps"),
      args: ["--camera", String(camera), ...size, ...endless, ...more],
    },
    input: [
      // Raw pictures carry no time of their own, and in dim rooms the camera is slower than it was asked to be.
      ...["-use_wallclock_as_timestamps", "1", "-f", "rawvideo", "-pixel_format", "yuv420p"],
      ...["-video_size", `${width}x${height}`, "-framerate", String(framesPerSecond), "-i", "pipe:0"],
    ],
    stallAfter: stallMillis,
    blame: (end) => blameDevice("camera", `${camera} of libcamera`, end),
  };
}

export const libcameraCamera = defineDriver({
  kind: "camera",
  summary: "A CSI camera that needs libcamera (Raspberry Pi), read through rpicam-vid; untried on the hardware",
  options,
  open: openLibcamera,
});
