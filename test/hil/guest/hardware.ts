import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { seconds } from "../../../contracts/units.ts";
import { systemClock as clock } from "../../../runtime/clock.ts";
import { type Line, lines, sound } from "../contract.ts";

/** The hand in the machine, for conformance files that run inside: it moves the kernel's simulated hardware. */
const run = promisify(execFile);
const lineFolder = (line: Line): string => `/run/candor-bench/chip/sim_gpio${lines[line]}`;

/** Closes or opens a button's contact; closed pulls the line to ground. At once, or the emulated machine's chatter would last longer than any contact's. */
export const contact = async (line: Line, closed: boolean): Promise<void> =>
  writeFileSync(`${lineFolder(line)}/pull`, closed ? "pull-down" : "pull-up");

/** Whether the line that drives a lamp is high. */
export const isLit = async (line: Line): Promise<boolean> =>
  (await readFile(`${lineFolder(line)}/value`, "utf8")).trim() === "1";

const simulated = "/sys/kernel/config/gpio-sim/candor";
/** The whole chip goes away, and comes back; whoever holds lines loses them. */
export const unplugChip = (): Promise<void> => writeFile(`${simulated}/live`, "0");
export async function plugChip(): Promise<void> {
  await writeFile(`${simulated}/live`, "1");
  // While a lost line is still open its chip's number is taken: the new chip may have another one.
  const [device, name] = await Promise.all(
    ["dev_name", "bank0/chip_name"].map(async (file) => (await readFile(`${simulated}/${file}`, "utf8")).trim()),
  );
  await run("ln", ["-sfn", `/sys/devices/platform/${device}/${name}`, "/run/candor-bench/chip"]);
  for (const line of Object.keys(lines) as Line[]) if (lines[line] < 8) await contact(line, false);
  await settle();
}

const bound = { vivid: "vivid/vivid.0", microphone: "snd_aloop/snd_aloop.0", speaker: "snd_aloop/snd_aloop.1" };
export type Bound = keyof typeof bound;

async function bind(what: Bound, verb: "bind" | "unbind"): Promise<void> {
  const [driver, device] = bound[what].split("/");
  await writeFile(`/sys/bus/platform/drivers/${driver}/${verb}`, device ?? "");
  await settle();
}
/** The device goes away as if unplugged, while it may be open. */
export const unplug = (what: Bound): Promise<void> => bind(what, "unbind");
export const plug = (what: Bound): Promise<void> => bind(what, "bind");

/** Device files have their groups and links once udev has seen them. */
const settle = async (): Promise<void> => {
  await run("udevadm", ["settle", "--timeout=30"]);
};

const quiet = ["-hide_banner", "-nostdin", "-loglevel", "error"];
/** A quiet room at -60 dBFS: a loopback into which nobody plays is digital zero, and no microphone is. */
const room = ["-re", "-f", "lavfi", "-i", "anoisesrc=amplitude=0.001:sample_rate=16000:seed=1"];
const s16 = ["-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le"];

/** Sound that the microphone hears until `stop`: the room, or a file. */
export async function playIntoMicrophone(file?: string): Promise<{ stop(): Promise<void>; ended: Promise<unknown> }> {
  const input = file === undefined ? room : ["-re", "-i", file];
  const child = spawn("ffmpeg", [...quiet, ...input, ...s16, "-f", "alsa", sound.intoMicrophone], { stdio: "ignore" });
  const ended = once(child, "exit");
  await clock.sleep(seconds(1));
  return { stop: () => end(child), ended };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** What comes out of the loudspeaker from now on, s16le 16 kHz mono, until `stop` gives it. */
export async function listenToSpeaker(): Promise<{ stop(): Promise<Buffer> }> {
  const child = spawn(
    "ffmpeg",
    [
      ...quiet,
      "-f",
      "alsa",
      "-channels",
      "1",
      "-sample_rate",
      "16000",
      "-i",
      sound.outOfSpeaker,
      ...s16,
      "-f",
      "s16le",
      "pipe:1",
    ],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await clock.sleep(seconds(1));
  return {
    stop: async () => {
      await end(child);
      return Buffer.concat(chunks);
    },
  };
}
