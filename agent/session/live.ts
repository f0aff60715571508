import type { CaptureReport, Stream } from "../../contracts/capture.ts";
import type { Framing } from "../../contracts/observation.ts";
import type { View } from "../../contracts/screen.ts";
import { type Millis, seconds } from "../../contracts/units.ts";

/** What is true this instant and settles nothing: levels, pictures, the state of the hardware. Never in the journal. */
export type Live = {
  hardware: Readonly<Record<Stream, { state: "open" | "degraded" | "resting"; fault: string | undefined }>>;
  /** The answer that each recorder says it is keeping now. */
  keeping: Readonly<Record<Stream, string | undefined>>;
  /** dBFS */
  level: number | undefined;
  /** Meter reports since the device check began, and how many of them were loud enough. */
  meters: number;
  loud: number;
  checkSince: Millis;
  framing: Framing | undefined;
};

export const nothingLive: Live = {
  hardware: { mic: { state: "resting", fault: undefined }, camera: { state: "resting", fault: undefined } },
  keeping: { mic: undefined, camera: undefined },
  level: undefined,
  meters: 0,
  loud: 0,
  checkSince: 0,
  framing: undefined,
};

/** Above this a meter report counts as speech: far above a quiet room (-60 dBFS), below quiet speech at arm's length. */
export const speechLevel = -45;
/** Loud reports (5 a second) that make the microphone good. */
const loudEnough = 3;
const listenFor = seconds(10);

/** What a recorder's report makes of it. `now` is monotonic. */
export function heard(live: Live, report: CaptureReport): Live {
  switch (report.report) {
    case "state":
      return { ...live, hardware: { ...live.hardware, [report.stream]: { state: report.state, fault: report.fault } } };
    case "meter": {
      if (report.stream !== "mic" || report.level === undefined) return live;
      const loud = live.loud + (report.level > speechLevel ? 1 : 0);
      return { ...live, level: report.level, meters: live.meters + 1, loud };
    }
    default:
      return live;
  }
}

/** A recorder that is gone keeps nothing. */
export const silenced = (live: Live, stream: Stream): Live => ({
  ...live,
  keeping: { ...live.keeping, [stream]: undefined },
  hardware: { ...live.hardware, [stream]: { state: "resting", fault: "process.exited" } },
});

export const beginCheck = (live: Live, now: Millis): Live => ({
  ...live,
  meters: 0,
  loud: 0,
  checkSince: now,
  framing: undefined,
});

/** What the device check says now. A quiet voice is told so and not kept out; without any sound nobody goes on. */
export function checkOf(live: Live, now: Millis): NonNullable<View["check"]> {
  const { mic, camera } = live.hardware;
  const microphone =
    mic.state === "degraded"
      ? "failed"
      : live.loud >= loudEnough
        ? "good"
        : live.meters > 0 && now - live.checkSince > listenFor
          ? "tooQuiet"
          : "waiting";
  const picture =
    camera.state === "degraded"
      ? "failed"
      : live.framing === undefined
        ? "waiting"
        : live.framing.faces > 0
          ? "good"
          : "noFace";
  return { microphone, camera: picture, ...(live.level === undefined ? {} : { level: live.level }) };
}
