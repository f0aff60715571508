import { z } from "zod";
import { opaqueId } from "./ids.ts";

/** Between the agent and each capture process: JSON lines over the process's Unix socket, the agent connects. */

export const stream = z.enum(["mic", "camera"]);
export type Stream = z.infer<typeof stream>;

/**
 * A sealed piece of a recording of at most 2 s, on disk and synced before it is announced.
 * Sound: s16le 16 kHz mono. Picture: one fragment (moof + mdat) of a fragmented MP4; `initialisation` marks the
 * piece that holds ftyp + moov, needed before any fragment can be read.
 */
export const segment = z.looseObject({
  stream,
  answerId: opaqueId,
  /** Counts up within session and stream, across restarts of the process. */
  index: z.number().int().min(0),
  /** File name within the session's media folder. */
  file: z.string().regex(/^(mic|camera)-\d{6}\.sealed$/),
  /** Session timeline, milliseconds. */
  offsetMillis: z.number().min(0),
  durationMillis: z.number().min(0).max(2500),
  initialisation: z.boolean().default(false),
  /** sha256 of the sealed bytes. */
  sha256: z.string(),
});
export type Segment = z.infer<typeof segment>;

export const captureRequest = z.discriminatedUnion("do", [
  /** Opens the hardware and keeps it open; levels and frames flow to whom is connected, nothing is kept. */
  z.looseObject({ do: z.literal("watch") }),
  /** Starts to keep. `sessionStart` is the session's beginning on the machine's monotonic clock (milliseconds since boot). */
  z.looseObject({
    do: z.literal("record"),
    sessionId: opaqueId,
    answerId: opaqueId,
    folder: z.string(),
    /** The session data key, 32 bytes in base64url. */
    key: z.string(),
    sessionStart: z.number(),
    nextIndex: z.number().int().min(0),
  }),
  /** Seals what is there and stops keeping; answered by `stopped`. */
  z.looseObject({ do: z.literal("stop"), answerId: opaqueId }),
  /** Closes the hardware. */
  z.looseObject({ do: z.literal("rest") }),
]);
export type CaptureRequest = z.infer<typeof captureRequest>;

export const captureReport = z.discriminatedUnion("report", [
  /** `open`: hardware delivers · `degraded`: being reopened, with the fault · `resting`: closed. */
  z.looseObject({
    report: z.literal("state"),
    stream,
    state: z.enum(["open", "degraded", "resting"]),
    fault: z.string().optional(),
  }),
  z.looseObject({ report: z.literal("recording"), answerId: opaqueId, atMillis: z.number().min(0) }),
  z.looseObject({ report: z.literal("segment"), segment }),
  /** A stretch of the answer that was not recorded, on the session timeline. */
  z.looseObject({
    report: z.literal("gap"),
    stream,
    answerId: opaqueId,
    from: z.number().min(0),
    to: z.number().min(0),
    fault: z.string(),
  }),
  z.looseObject({
    report: z.literal("stopped"),
    answerId: opaqueId,
    atMillis: z.number().min(0),
    nextIndex: z.number().int().min(0),
  }),
  /**
   * Work done: what health reads. Microphone: `level`, `peak` and `noiseFloor` (of the last 10 s, absent at the beginning)
   * in dBFS, `clipped` as share of the samples, all of what is kept: one channel of an array may clip unseen in a mean.
   * Camera: `frames` since the last one.
   */
  z.looseObject({
    report: z.literal("meter"),
    stream,
    level: z.number().optional(),
    peak: z.number().optional(),
    clipped: z.number().min(0).max(1).optional(),
    noiseFloor: z.number().optional(),
    frames: z.number().int().optional(),
  }),
  /** A check-in code that the camera read while watching. */
  z.looseObject({ report: z.literal("code"), text: z.string() }),
]);
export type CaptureReport = z.infer<typeof captureReport>;

/** A live picture from camera capture to inference, sent as a JSON line of this shape followed by `bytes` raw RGB bytes. Dropped when the reader is slow. */
export const livePicture = z.looseObject({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  atMonotonic: z.number(),
  bytes: z.number().int().positive(),
});
export type LivePicture = z.infer<typeof livePicture>;
