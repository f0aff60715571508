import { Fault, type FaultCode } from "../contracts/fault.ts";
import type { SourceEnd } from "./port.ts";

type Failure = "missing" | "busy" | "permission" | "format" | "lost";
/** Kinds of devices that a program of ours opens for us, so that the kernel's word comes as text. */
type Opened = "mic" | "camera" | "speaker";
const what: Record<Opened, string> = { mic: "microphone", camera: "camera", speaker: "loudspeaker" };

/**
 * The words for each failure: the kernel's (errno(3)) as ffmpeg and GStreamer repeat them, and those that ALSA, ffmpeg's
 * v4l2, GStreamer's v4l2src and libcamera's programs have of their own. What forbids counts before what is absent.
 */
const words: readonly [RegExp, Failure][] = [
  [/Permission denied|EACCES|Operation not permitted/i, "permission"],
  [/resource busy|is busy\b|in use by another|failed to (acquire camera|create CaptureSession)/i, "busy"],
  [
    /No such (file|device)|ENOENT|cannot find card|Invalid card|Unknown PCM|no cameras available|Cannot identify device/i,
    "missing",
  ],
  // "No space" is the USB's: it has no room for the rate asked for.
  [/Invalid argument|not supported|Inappropriate ioctl|cannot set|Unsupported|No space left on device/i, "format"],
  [/Cannot find a proper format|Not a video capture device|not-negotiated|failed to configure camera/i, "format"],
];

const remedies: Record<Failure, string> = {
  missing: "is it plugged in, and is this its name?",
  busy: "end the other program that holds it",
  permission: "put the user candor into its group (video or audio), and load the udev rules that come with Candor",
  format: "give a size, rate or channel count that it offers",
  lost: "it is being reopened: look at its plug and cable",
};

/** Why a device of the kernel ended: what it gave before counts first, then the kernel's word. */
export function blameDevice(kind: Opened, device: string, { received, complaint }: SourceEnd): Fault {
  const found = received ? "lost" : (words.find(([pattern]) => pattern.test(complaint))?.[1] ?? "lost");
  const code: FaultCode = `${kind}.${found}`;
  const cause = complaint === "" ? undefined : complaint;
  return new Fault(code, `the ${what[kind]} ${device}: ${found}; ${remedies[found]}`, { cause });
}
