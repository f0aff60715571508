import { z } from "zod";

/**
 * The emulated board's sockets, all in one folder:
 * `mic.sock` s16le 16 kHz mono in real time and `camera.sock` raw yuv420p frames, one reader each, a second one is closed
 * at once; `speaker.sock` s16le 16 kHz mono from one holder, told back as it is heard; `board.sock` buttons, lights, screen and
 * sensors (drivers); `control.sock` what a hand, a voice and a face do (demo, tests).
 */
export const sockets = {
  mic: "mic.sock",
  camera: "camera.sock",
  speaker: "speaker.sock",
  board: "board.sock",
  control: "control.sock",
} as const;

export const sound = { sampleRate: 16_000 } as const;
export const picture = { width: 640, height: 480, framesPerSecond: 10 } as const;

/** A driver claims a light's line. A connection holds what it showed; when it ends, its lines fall back to off. */
export const boardRequest = z.strictObject({
  do: z.literal("led"),
  line: z.string().min(1),
  look: z.enum(["off", "idle", "listening", "recording", "thinking", "fault", "help"]),
});
export type BoardRequest = z.infer<typeof boardRequest>;

/** The display's light and power; it stays as it was left when its driver goes. */
export const screenRequest = z.strictObject({
  do: z.literal("screen"),
  brightness: z.number().min(0).max(1).exactOptional(),
  on: z.boolean().exactOptional(),
});
export type ScreenRequest = z.infer<typeof screenRequest>;
export const driverRequest = z.discriminatedUnion("do", [boardRequest, screenRequest]);
export type DriverRequest = z.infer<typeof driverRequest>;

/** What the board's sensors read. */
const readings = {
  temperatureCelsius: z.number().exactOptional(),
  throttled: z.array(z.string().min(1)).exactOptional(),
  supplyVolts: z.number().exactOptional(),
  fanRpm: z.number().min(0).exactOptional(),
} as const;

/** What the speaker's holder sends. `clip` begins one (its number comes back) and drops what is left; `samples` carry bytes. */
export const speakerRequest = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("clip"), clip: z.number().int() }),
  z.looseObject({ do: z.literal("samples") }),
  z.strictObject({ do: z.literal("silence") }),
]);
export type SpeakerRequest = z.infer<typeof speakerRequest>;

/** The first one tells the holder that the speaker is its own; the others how many samples of the clip were heard. */
export const speakerReport = z.looseObject({ clip: z.number().int(), heardSamples: z.number().int().min(0) });

export const boardEvent = z.discriminatedUnion("event", [
  /** Before the welcome, and on each change. */
  z.looseObject({ event: z.literal("readings"), readings: z.looseObject(readings) }),
  /** From here on no press is missed. */
  z.looseObject({ event: z.literal("welcome") }),
  /** `atMonotonic`: milliseconds since boot. */
  z.looseObject({
    event: z.literal("contact"),
    button: z.string().min(1),
    closed: z.boolean(),
    atMonotonic: z.number(),
  }),
]);
export type BoardEvent = z.infer<typeof boardEvent>;

export const device = z.enum(["mic", "camera", "speaker"]);
export type Device = z.infer<typeof device>;
/** `ask` comes back in the answer. */
const ask = z.number().int().min(0);

export const controlRequest = z.discriminatedUnion("do", [
  /** A short press, without chatter. */
  z.strictObject({ do: z.literal("press"), ask, button: z.string().min(1) }),
  /** The contact itself: what holds, chatters and gets stuck is made of it. */
  z.strictObject({ do: z.literal("contact"), ask, button: z.string().min(1), closed: z.boolean() }),
  /** Files that ffmpeg reads, one after another without a pause; takes the place of what is being played. */
  z.strictObject({ do: z.literal("play"), ask, files: z.array(z.string().min(1)).min(1) }),
  z.strictObject({ do: z.literal("stopPlaying"), ask }),
  /** "empty", "face" or a picture or clip that ffmpeg reads: held before the camera (`contain`) or filling its view (`cover`). */
  z.strictObject({
    do: z.literal("show"),
    ask,
    picture: z.string().min(1),
    fit: z.enum(["contain", "cover"]).default("contain"),
  }),
  /** As if unplugged: its reader loses it, nobody can open it. */
  z.strictObject({ do: z.literal("vanish"), ask, device }),
  /** There, but delivers nothing more. */
  z.strictObject({ do: z.literal("stall"), ask, device }),
  /** Another process has taken it, or waits for it: whoever holds it keeps it, nobody can open it. */
  z.strictObject({ do: z.literal("busy"), ask, device }),
  /** After `vanish`, `stall` or `busy`: there again. */
  z.strictObject({ do: z.literal("return"), ask, device }),
  /** Root mean square of the room's noise; -70 until told. */
  z.strictObject({ do: z.literal("noise"), ask, dbfs: z.number().min(-90).max(-5) }),
  /** Of the microphone's amplifier; 0 until told. What is too loud then is clipped. */
  z.strictObject({ do: z.literal("gain"), ask, decibels: z.number().min(-60).max(60) }),
  /** What the sensors read from now on; what is not named stays. */
  z.strictObject({ do: z.literal("sense"), ask, ...readings }),
  /** The share of the speaker's sound that the microphone hears; 0 until told. */
  z.strictObject({ do: z.literal("echo"), ask, share: z.number().min(0).max(1) }),
  z.strictObject({ do: z.literal("state"), ask }),
]);
export type ControlRequest = z.infer<typeof controlRequest>;

/** What came out of the speaker: the clip that is running, or the last one, as its holder sent it. */
const heard = z.looseObject({
  /** Since the board is there. */
  clips: z.number().int(),
  millis: z.number(),
  /** Root mean square of it; absent before the first sample, and for digital silence. */
  dbfs: z.number().optional(),
  /** Of the samples heard, s16le. */
  sha256: z.string(),
  running: z.boolean(),
});
export type Heard = z.infer<typeof heard>;

export const boardState = z.looseObject({
  /** Every line that was ever shown, and the lamp "recording" that both recording lines are wired to. */
  leds: z.record(z.string(), z.boolean()),
  holders: z.record(device, z.number().int()),
  playing: z.boolean(),
  picture: z.string(),
  heard,
  screen: z.looseObject({ brightness: z.number(), on: z.boolean() }),
});
export type BoardState = z.infer<typeof boardState>;

export const controlReport = z.discriminatedUnion("report", [
  z.looseObject({ report: z.literal("done"), ask, state: boardState }),
  z.looseObject({ report: z.literal("refused"), ask, fault: z.string(), message: z.string() }),
  /** The last sample of what `play` number `ask` (on this connection) gave was sent, or something else took its place. */
  z.looseObject({ report: z.literal("played"), ask, interrupted: z.boolean(), atMonotonic: z.number() }),
  z.looseObject({ report: z.literal("led"), line: z.string(), lit: z.boolean(), atMonotonic: z.number() }),
]);
export type ControlReport = z.infer<typeof controlReport>;
