import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { askHardware } from "../alsa/ask.ts";
import { deviceName } from "../alsa/cards.ts";
import { choose, tell } from "../alsa/choose.ts";
import { take, takeFilter } from "../array/take.ts";
import { blameDevice } from "../blame.ts";
import { defineDriver, type MicSource } from "../port.ts";

const options = z.strictObject({
  /** As ALSA names it, `hw:CARD=Array,DEV=0`, or "card:" and the card's id or name, as `arecord -l` tells them. */
  device: z.string().min(1).default("default"),
  /** The wish: capture makes 16 kHz of what is nearest to it. A beam is the finer the higher it is. */
  sampleRate: z.int().min(8000).max(192_000).default(16_000),
  /** "auto": as few of those the device offers as `take` needs; of a beam all. */
  channels: z.union([z.literal("auto"), z.int().min(1).max(16)]).default("auto"),
  take,
  /** Age of the newest data at which it counts as stalled. */
  stallMillis: z.int().min(500).default(2000),
});

/** @throws Fault mic.missing, mic.busy, mic.permission, mic.format; config.invalid; process.missing */
async function openAlsaMic(wanted: z.output<typeof options>): Promise<MicSource> {
  const device = await deviceName(wanted.device, { kind: "mic", plug: "hw" });
  const hardware = await askHardware(device);
  const choice = choose(wanted, hardware);
  if (choice === undefined)
    throw new Fault("mic.format", `the microphone ${device} offers nothing that will do: ${tell(hardware)}`);
  const { channels, sampleRate, codec } = choice;
  const filter = takeFilter(wanted.take, choice);
  return {
    sampleRate,
    input: [
      ...["-f", "alsa", "-c:a", codec, "-channels", String(channels)],
      ...["-sample_rate", String(sampleRate), "-i", device],
    ],
    ...(filter === undefined ? {} : { filter }),
    stallAfter: wanted.stallMillis,
    blame: (end) => blameDevice("mic", wanted.device, end),
  };
}

export const alsaMic = defineDriver({
  kind: "mic",
  summary: "A microphone or array of ALSA, read by ffmpeg; of an array one channel, their mean, or a beam",
  options,
  open: openAlsaMic,
});
