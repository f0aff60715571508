import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";

/** What is made of an array's channels. */
export const take = z
  .union([
    z.literal("mix"),
    z.strictObject({ channel: z.int().min(0) }),
    z.strictObject({
      beam: z.strictObject({
        /** Between neighbours of a straight row; channel 0 is the leftmost as seen by the candidate. */
        spacingMillimetres: z.number().positive().max(500),
        /** Towards the candidate: 0 is straight ahead, positive to the candidate's right. */
        angleDegrees: z.number().min(-90).max(90).default(0),
      }),
    }),
  ])
  .default("mix");
export type Take = z.output<typeof take>;

/** Metres a second in air of 20 °C (ISO 9613-1). */
const speedOfSound = 343;

/**
 * Samples by which each channel waits so that a wave from `angleDegrees` stands upright in all: delay-and-sum of a uniform
 * linear array (Van Trees, Optimum Array Processing, 2002, 2.3), τ = i·d·sin θ / c, moved so that none is negative.
 * Whole samples: at 16 kHz one is 21 mm of way, so a finer beam wants a higher `sampleRate`.
 */
export function beamDelays(
  { spacingMillimetres, angleDegrees }: { spacingMillimetres: number; angleDegrees: number },
  { channels, sampleRate }: { channels: number; sampleRate: number },
): number[] {
  const step = ((spacingMillimetres / 1000) * Math.sin((angleDegrees * Math.PI) / 180) * sampleRate) / speedOfSound;
  const raw = Array.from({ length: channels }, (_, at) => at * step);
  const least = Math.min(...raw);
  return raw.map((one) => Math.round(one - least));
}

const mean = (channels: number): string =>
  `pan=mono|c0=${Array.from({ length: channels }, (_, at) => `${(1 / channels).toFixed(6)}*c${at}`).join("+")}`;

/** ffmpeg's audio filter for it; undefined where there is one channel. @throws Fault config.invalid for a channel that is not there */
export function takeFilter(wanted: Take, shape: { channels: number; sampleRate: number }): string | undefined {
  const { channels } = shape;
  if (wanted !== "mix" && "channel" in wanted && wanted.channel >= channels)
    throw new Fault("config.invalid", `take.channel: there is no channel ${wanted.channel} of ${channels}`, {
      field: "take.channel",
    });
  if (channels === 1) return undefined;
  if (wanted === "mix") return mean(channels);
  if ("channel" in wanted) return `pan=mono|c0=c${wanted.channel}`;
  const delays = beamDelays(wanted.beam, shape);
  return `adelay=delays=${delays.map((one) => `${one}S`).join("|")},${mean(channels)}`;
}
