import { z } from "zod";
import { take, takeFilter } from "../array/take.ts";
import { blameDevice } from "../blame.ts";
import { defineDriver } from "../port.ts";

const options = z.strictObject({
  /** As ALSA names it: `hw:CARD=Array,DEV=0`; the card's name stays when another card is plugged in. */
  device: z.string().min(1).default("default"),
  /** A rate that the device has; capture makes 16 kHz of it. */
  sampleRate: z.int().min(8000).max(192_000).default(16_000),
  channels: z.int().min(1).max(16).default(1),
  take,
  /** Age of the newest data at which it counts as stalled. */
  stallMillis: z.int().min(500).default(2000),
});

export const alsaMic = defineDriver({
  kind: "mic",
  summary: "A microphone or array of ALSA, read by ffmpeg; of an array one channel, their mean, or a beam",
  options,
  open: async ({ device, sampleRate, channels, take: taken, stallMillis }) => {
    const filter = takeFilter(taken, { channels, sampleRate });
    return {
      sampleRate,
      input: ["-f", "alsa", "-channels", String(channels), "-sample_rate", String(sampleRate), "-i", device],
      ...(filter === undefined ? {} : { filter }),
      stallAfter: stallMillis,
      blame: (end) => blameDevice("mic", device, end),
    };
  },
});
