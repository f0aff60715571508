import { z } from "zod";
import { blameSocket, deviceUrl, folder } from "../emulator/options.ts";
import { picture } from "../emulator/protocol.ts";
import { defineDriver } from "../port.ts";

const format = ["-pixel_format", "yuv420p", "-video_size", `${picture.width}x${picture.height}`];

export const emulatedCamera = defineDriver({
  kind: "camera",
  summary: "The camera of the emulated board: an empty room, a face, or a picture that is shown to it",
  options: z.strictObject({ folder }),
  open: async (options) => ({
    ...picture,
    input: [
      "-f",
      "rawvideo",
      ...format,
      "-framerate",
      String(picture.framesPerSecond),
      "-i",
      deviceUrl(options.folder, "camera"),
    ],
    blame: (end) => blameSocket("camera", end),
  }),
});
