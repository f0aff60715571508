import { z } from "zod";
import { inferenceRequest } from "../../contracts/inference.ts";

/** What the bench's machine has, by name: for the plans on the host and for the conformance files in the guest. */

/** Between host and guest: JSON lines over a virtio serial port. */
export const portName = "candor.bench";
export const portPath = `/dev/virtio-ports/${portName}`;

export const guestRequest = z.strictObject({ id: z.string(), command: z.string() });
export const guestReport = z.union([
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({
    id: z.string(),
    code: z.number(),
    signal: z.string().nullable(),
    stdout: z.string(),
    stderr: z.string(),
  }),
]);
export type GuestReport = z.infer<typeof guestReport>;

/** The host, as qemu's user network shows it to the machine. */
export const hostAddress = "10.0.2.2";
/** A request to inference on its way to the host, and the sealed segment that it names (base64). */
export const carried = z.strictObject({ request: inferenceRequest, sealed: z.base64().optional() });
export type Carried = z.infer<typeof carried>;

/** The simulated GPIO chip (gpio-sim, 16 lines). Buttons close to ground: pressed is low, the bias pulls up. */
export const chip = "candor-sim";
export const lines = {
  start: 0,
  repeat: 1,
  help: 2,
  A: 3,
  B: 4,
  C: 5,
  D: 6,
  "recording-mic": 8,
  "recording-camera": 9,
  red: 10,
  green: 11,
  blue: 12,
} as const;
export type Line = keyof typeof lines;

/** ALSA cards, both snd-aloop: what is played into the far end of the first is heard, what the second plays comes out at its far end. */
export const cards = { microphone: "Microphone", speaker: "Speaker" } as const;
export const sound = {
  /** What a driver opens. */
  microphone: `hw:CARD=${cards.microphone},DEV=1`,
  speaker: `hw:CARD=${cards.speaker},DEV=0`,
  /** The far ends, for the bench. */
  intoMicrophone: `hw:CARD=${cards.microphone},DEV=0`,
  outOfSpeaker: `hw:CARD=${cards.speaker},DEV=1`,
} as const;

/** vivid: the camera of the conformance, 320×180 and up. v4l2loopback: the camera of the interview, which shows what it is fed. */
export const cameras = { vivid: "vivid", shown: "Candor shown" } as const;

/** A light of the kernel's LED class, made through uleds. */
export const ledName = "candor:status";

/** What the candidate's page shows now, as JSON. */
export const viewPath = "/run/candor-bench/view.json";
/** The picture that stands before the interview's camera; replaced as a whole. */
export const picturePath = "/run/candor-bench/picture.png";
