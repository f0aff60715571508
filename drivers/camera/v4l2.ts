import { z } from "zod";
import { blameDevice } from "../capture/blame.ts";
import { defineDriver } from "../port.ts";

const options = z.strictObject({
  device: z.string().min(1).default("/dev/video0"),
  picture: z
    .strictObject({ width: z.int().positive(), height: z.int().positive(), framesPerSecond: z.int().positive() })
    .default({ width: 640, height: 480, framesPerSecond: 15 }),
  /** Age of the newest data at which it counts as stalled. */
  stallMillis: z.int().min(500).default(2000),
});

export const v4l2Camera = defineDriver({
  kind: "camera",
  summary: "A camera of the kernel's V4L2, read by ffmpeg",
  options,
  open: async ({ device, picture, stallMillis }) => ({
    ...picture,
    input: [
      ...["-f", "v4l2", "-framerate", String(picture.framesPerSecond)],
      ...["-video_size", `${picture.width}x${picture.height}`, "-i", device],
    ],
    stallAfter: stallMillis,
    blame: (end) => blameDevice("camera", device, end),
  }),
});
