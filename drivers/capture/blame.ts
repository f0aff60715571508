import type { Stream } from "../../contracts/capture.ts";
import { Fault, type FaultCode } from "../../contracts/fault.ts";
import type { SourceEnd } from "../port.ts";

type Failure = "missing" | "busy" | "permission" | "format" | "lost";
const what: Record<Stream, string> = { mic: "microphone", camera: "camera" };

/** The kernel's words for each failure (errno(3)), as ffmpeg repeats them. */
const words: readonly [RegExp, Failure][] = [
  [/Permission denied|Operation not permitted/i, "permission"],
  [/resource busy/i, "busy"],
  [/No such (file|device)|cannot find card|Invalid card|Unknown PCM/i, "missing"],
  [/Invalid argument|not supported|Inappropriate ioctl|cannot set|Unsupported/i, "format"],
];

const remedies: Record<Failure, string> = {
  missing: "is it plugged in, and is this its name?",
  busy: "end the other program that holds it",
  permission: "put the user candor into its group (video or audio), and load the udev rules that come with Candor",
  format: "give a size, rate or channel count that it offers",
  lost: "it is being reopened: look at its plug and cable",
};

/** Why a device of the kernel ended: what it gave before counts first, then the kernel's word. */
export function blameDevice(stream: Stream, device: string, { received, complaint }: SourceEnd): Fault {
  const found = received ? "lost" : (words.find(([pattern]) => pattern.test(complaint))?.[1] ?? "lost");
  const code: FaultCode = `${stream}.${found}`;
  const cause = complaint === "" ? undefined : complaint;
  return new Fault(code, `the ${what[stream]} ${device}: ${found}; ${remedies[found]}`, { cause });
}
