import { z } from "zod";
import { blameDevice } from "../capture/blame.ts";
import { defineDriver } from "../port.ts";

const options = z.strictObject({
  device: z.string().min(1).default("default"),
  sampleRate: z.int().positive().default(16_000),
  channels: z.int().positive().default(1),
  /** Age of the newest data at which it counts as stalled. */
  stallMillis: z.int().min(500).default(2000),
});

export const alsaMic = defineDriver({
  kind: "mic",
  summary: "A microphone of ALSA, read by ffmpeg",
  options,
  open: async ({ device, sampleRate, channels, stallMillis }) => ({
    sampleRate,
    input: ["-f", "alsa", "-channels", String(channels), "-sample_rate", String(sampleRate), "-i", device],
    stallAfter: stallMillis,
    blame: (end) => blameDevice("mic", device, end),
  }),
});
