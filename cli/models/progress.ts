import type { FetchProgress } from "../../inference/models/store.ts";

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** A line for a person about one step of a fetch; undefined where there is nothing worth a line. */
function sentence(progress: FetchProgress): string | undefined {
  if (!("file" in progress))
    return `${progress.model}: ${progress.step === "ready" ? "ready" : "converting for ONNX Runtime"}`;
  const file = `${progress.model}/${progress.file}`;
  if (progress.step === "trying") return `${file}: asking ${progress.source}`;
  if (progress.step === "passedOver") return `${file}: ${progress.source} passed over: ${progress.reason}`;
  if (progress.step === "corrupt") return `${file}: has not its pinned sha256, is fetched again`;
  if (progress.step === "fetched") return `${file}: fetched and verified`;
  if (progress.step === "present") return `${file}: there and verified`;
  return undefined;
}

/** Of a file smaller than this a log says only that it was asked for and that it came. */
const worthTelling = 1e6;
const tenth = 0.1;

/**
 * Tells a fetch line by line. The bytes of a download: on a terminal in one line that is written over, once a megabyte;
 * in a log a line for each tenth, so that a journal shows that it goes on and is not filled by it.
 */
export function fetchTeller(to: { isTTY?: boolean; write(text: string): unknown }): (progress: FetchProgress) => void {
  const terminal = to.isTTY === true;
  let told = { file: "", bytes: 0 };
  const bytes = (progress: Extract<FetchProgress, { step: "bytes" }>): void => {
    const file = `${progress.model}/${progress.file}`;
    if (told.file !== file || progress.bytes < told.bytes) told = { file, bytes: 0 };
    const step = terminal ? worthTelling : progress.of * tenth;
    if (progress.of < worthTelling || progress.bytes - told.bytes < step) return;
    told = { file, bytes: progress.bytes };
    const share = Math.floor((progress.bytes / progress.of) * 100);
    const line = `${file}: ${megabytes(progress.bytes)} of ${megabytes(progress.of)}, ${share} %`;
    to.write(terminal ? `\r${line}\x1b[K` : `${line}\n`);
  };
  return (progress) => {
    if (progress.step === "bytes") return bytes(progress);
    const line = sentence(progress);
    if (line !== undefined) to.write(terminal ? `\r${line}\x1b[K\n` : `${line}\n`);
  };
}
