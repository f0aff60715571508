import type { Take } from "../array/take.ts";
import type { Hardware, Span } from "./hardware.ts";

export type Wish = { readonly channels: number | "auto"; readonly sampleRate: number; readonly take: Take };
/** What a microphone is opened with; `codec` is ffmpeg's name of the sample format. */
export type Choice = { readonly channels: number; readonly sampleRate: number; readonly codec: string };

/**
 * The formats that ffmpeg's ALSA input reads, the best first. 16 bits are what is kept; microphones on I2S have 32 only.
 * S24_LE, 24 bits in four bytes, is none of them.
 */
const readable: readonly (readonly [string, string])[] = [
  ["S16_LE", "pcm_s16le"],
  ["S32_LE", "pcm_s32le"],
  ["S24_3LE", "pcm_s24le"],
  ["FLOAT_LE", "pcm_f32le"],
];

/** An array has no more; a device that offers more converts, and has as many as it is asked for. */
const mostMicrophones = 16;

/** The fewest channels that the take needs: of a beam all, since each microphone sharpens it. */
function channelsFor(take: Take, { least, most }: Span): number {
  if (take === "mix") return least;
  if ("channel" in take) return Math.max(least, take.channel + 1);
  return most <= mostMicrophones ? most : Math.max(least, 2);
}

const holds = (value: number, { least, most }: Span): boolean => value >= least && value <= most;
const across = ({ least, most }: Span): string => (least === most ? String(least) : `${least} to ${most}`);

/** What is offered, for the person who has to give another wish. */
export const tell = ({ formats, channels, rate }: Hardware): string =>
  `${across(channels)} channels, ${across(rate)} Hz, ${formats.join(" ") || "no format"}`;

/**
 * What a microphone is opened with. The rate is the wish's where it is offered, else the nearest above, since what lies
 * above the wish's half would be lost below it, else the highest. Undefined: nothing that is offered will do.
 */
export function choose(wish: Wish, hardware: Hardware): Choice | undefined {
  const codec = readable.find(([name]) => hardware.formats.includes(name))?.[1];
  const channels = wish.channels === "auto" ? channelsFor(wish.take, hardware.channels) : wish.channels;
  if (codec === undefined || !holds(channels, hardware.channels)) return undefined;
  const { least, most } = hardware.rate;
  return { channels, sampleRate: Math.min(Math.max(wish.sampleRate, least), most), codec };
}
