import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { asFault } from "../../contracts/fault.ts";
import { minutes } from "../../contracts/units.ts";
import { defaultModelsDirectory } from "../../inference/models/store.ts";
import { deadline, systemClock } from "../../runtime/clock.ts";
import { parseJson } from "../../runtime/parse.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run } from "../../runtime/subprocess.ts";
import { Device } from "./device.ts";
import { install } from "./install.ts";
import { arm64Place, type Core, cores, hostPlace, type Place, runAt } from "./machine.ts";
import { compare, type EngineName, type Outcome, outcome, pictureSize, tolerances } from "./outcome.ts";
import { findQemu, type Qemu } from "./qemu.ts";
import { Steps } from "./steps.ts";

/**
 * `node dist/test/arm64/main.js [--cache FOLDER] [--qemu PROGRAM] [--brief]`: installs Candor as for an arm64 board and
 * runs it in qemu-user. One line a check, then "N passed, N failed". Without a qemu-user that can do it: "not run", and no
 * failure. `--brief` leaves out the two models that take minutes, and the second core.
 */
const addons = [
  "node",
  "epoll",
  "spi-device",
  "better-sqlite3-multiple-ciphers",
  "onnxruntime-node",
  "drivers/gpio",
] as const;
const engines = Object.keys(tolerances) as EngineName[];
const slow: readonly EngineName[] = ["recogniser", "embedder"];
const longest = minutes(10);

const late = (): Error => new Error(`took longer than ${longest / 60_000} minutes`);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs checks one after the other, says a line for each and counts them. */
class Checks {
  passed = 0;
  failed = 0;

  async check(name: string, work: (signal: AbortSignal) => Promise<string>): Promise<void> {
    const begun = systemClock.monotonic();
    try {
      const found = await deadline(longest, late, work);
      this.passed += 1;
      const took = (systemClock.monotonic() - begun) / 1000;
      say(`ok ${this.passed + this.failed} - ${name}: ${found} # time=${took.toFixed(1)} s`);
    } catch (error) {
      this.fail(name, error);
    }
  }

  fail(name: string, error: unknown): void {
    this.failed += 1;
    say(`not ok ${this.passed + this.failed} - ${name}: ${asFault(error).message.replaceAll("\n", " ")}`);
  }
}

/** Four seconds of speech and one picture with a face, unpacked once: both machines are given the same bytes. */
async function prepareInputs(folder: string): Promise<void> {
  const fixture = (name: string): string => join(projectRoot, "test", "fixtures", name);
  const unpack = (from: string, args: readonly string[]) => run("ffmpeg", ["-v", "error", "-i", from, ...args]);
  const { width, height } = pictureSize;
  await mkdir(folder, { recursive: true });
  const sound = ["-t", "4", "-f", "f32le", "-ac", "1", "-ar", "16000"];
  await unpack(fixture("speech/en-service-weak.opus"), [...sound, "-y", join(folder, "speech.f32")]);
  const picture = ["-s", `${width}x${height}`, "-f", "rawvideo", "-pix_fmt", "rgb24"];
  await unpack(fixture("face/astronaut.jpg"), [...picture, "-y", join(folder, "face.rgb")]);
}

type Asked = { engine: EngineName; inputs: string; models: string };

async function probe(place: Place, { engine, inputs, models }: Asked, signal: AbortSignal): Promise<Outcome> {
  const told = await runAt(place, ["dist/test/arm64/probe.js", engine, models, inputs], signal);
  return parseJson(outcome, told, { what: `what ${engine} found` });
}

/** An engine on this machine, then on each core that a board of ours has. */
async function checkEngine(checks: Checks, asked: Asked, places: { host: Place; arm64: Map<Core, Place> }) {
  const { engine } = asked;
  const x86 = await deadline(longest, late, (signal) => probe(places.host, asked, signal)).catch(asFault);
  say(`# ${engine} on x86: ${"seconds" in x86 ? `${x86.seconds.toFixed(1)} s` : x86.message}`);
  for (const [core, place] of places.arm64)
    await checks.check(`${engine} on ${core}`, async (signal) => {
      if (!("seconds" in x86)) throw new Error("x86 gave nothing to compare it with");
      const verdicts = compare(engine, { x86, arm64: await probe(place, asked, signal) });
      const says = verdicts.map((verdict) => `${verdict.says}${verdict.holds ? "" : " BEYOND"}`).join(", ");
      if (!verdicts.every((verdict) => verdict.holds)) throw new Error(says);
      return says;
    });
}

async function checkDevice(checks: Checks, place: Place, models: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "candor-arm64-"));
  const device = new Device(place, { folder, models });
  try {
    await checks.check("candor inference", () => device.inference());
    await checks.check("candor agent", () => device.agent());
  } finally {
    await device.stop();
    await rm(folder, { recursive: true });
  }
}

type Smoke = { cache: string; qemu: Qemu; brief: boolean };

async function smoke({ cache, qemu, brief }: Smoke, checks: Checks): Promise<void> {
  const root = join(cache, "candor");
  const steps = new Steps({ folder: cache, clock: systemClock, say });
  const node = await install(root, { nodeFolder: join(cache, "node"), steps });
  const inputs = join(cache, "inputs");
  const models = defaultModelsDirectory();
  await prepareInputs(inputs);
  const place = (core: Core): Place => arm64Place({ qemu, node, root }, core);
  const board = place("cortex-a72");
  for (const addon of addons)
    await checks.check(addon, async (signal) =>
      (await runAt(board, ["dist/test/arm64/addons.js", addon], signal)).trim(),
    );
  const on = brief ? (["cortex-a72"] as const) : (Object.keys(cores) as Core[]);
  const places = { host: hostPlace(projectRoot), arm64: new Map(on.map((core) => [core, place(core)])) };
  for (const engine of engines)
    if (!(brief && slow.includes(engine))) await checkEngine(checks, { engine, inputs, models }, places);
  await checkDevice(checks, board, models);
}

const { values } = parseArgs({
  options: { cache: { type: "string" }, qemu: { type: "string" }, brief: { type: "boolean", default: false } },
});
const cache = values.cache ?? join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "candor", "arm64");
const begun = systemClock.monotonic();
await mkdir(cache, { recursive: true });
const qemu = await findQemu(cache, values.qemu);
if ("notRun" in qemu) say(`not run: ${qemu.notRun}`);
else {
  say(`# qemu-user ${qemu.version}`);
  const checks = new Checks();
  await smoke({ cache, qemu, brief: values.brief }, checks).catch((error) => checks.fail("install", error));
  say(`1..${checks.passed + checks.failed}`);
  say(`# ${((systemClock.monotonic() - begun) / 1000).toFixed(0)} s in all`);
  say(`${checks.passed} passed, ${checks.failed} failed`);
  process.exitCode = checks.failed > 0 ? 1 : 0;
}
