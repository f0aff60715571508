import { once } from "node:events";
import { Fault } from "../../contracts/fault.ts";
import { spawnBound } from "../../runtime/subprocess.ts";
import { blameDevice } from "../blame.ts";
import { type Hardware, parseHardware } from "./hardware.ts";

const notFound = 127;
const mostCharacters = 20_000;

/**
 * Asks a capture device what it offers, which takes as long as one period of it. The device is free again afterwards.
 * @throws Fault process.missing, mic.*
 */
export async function askHardware(device: string): Promise<Hardware> {
  const args = ["--quiet", "--dump-hw-params", "--samples=1", "--file-type=raw", "--device", device, "/dev/null"];
  // Its words are looked through, so they have to be English; all of them come on stderr.
  const child = spawnBound("arecord", args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(0, mostCharacters);
  });
  const missing = (cause: unknown): Fault =>
    new Fault("process.missing", "arecord is not here: install the Debian package alsa-utils", { cause });
  const [code] = (await once(child, "close").catch((error: unknown) => {
    throw missing(error);
  })) as [number | null];
  if (code === notFound) throw missing(said);
  // It tells what is offered before it tries its own 8-bit default, which most hardware refuses: its exit says nothing.
  const hardware = parseHardware(said);
  if (hardware === undefined) throw blameDevice("mic", device, { received: false, complaint: said.trim() });
  return hardware;
}
