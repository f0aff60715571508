import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { run, spawnBound } from "../../runtime/subprocess.ts";
import { blameDevice } from "../blame.ts";
import { type Clip, type DriverContext, defineDriver, type Speaker } from "../port.ts";

const options = z.strictObject({
  /** As ALSA names it: `hw:CARD=Speaker,DEV=0`. */
  device: z.string().min(1).default("default"),
  sampleRate: z.int().min(8000).max(192_000).default(48_000),
  channels: z.int().min(1).max(8).default(2),
  /** A control of the card's mixer (`Master`), for a volume that holds for what is being played; without it the next clip is the first that has it. */
  mixer: z.string().min(1).optional(),
});
type Options = z.output<typeof options>;

/** How often the card is looked for while nothing is played. */
const lookEvery: Millis = seconds(1);
const quietly = ["-hide_banner", "-nostdin", "-loglevel", "warning"];
const complaintCharacters = 2000;

/** The card's name or number in a device's name: `hw:CARD=Speaker,DEV=0`, `plughw:1,0`; undefined for `default` and the like. */
export const cardOf = (device: string): string | undefined => /^(?:plug)?hw:(?:CARD=)?([^,:]+)/.exec(device)?.[1];

/** ffmpeg plays, one process a clip: its end is the end of the sound, since ALSA is drained before it goes. */
class AlsaSpeaker implements Speaker {
  readonly #options: Options;
  readonly #context: DriverContext;
  readonly #onLost: ((fault: Fault) => void)[] = [];
  readonly #unwatch: () => void;
  #volume = 1;
  #playing: { child: ChildProcess; gone: Promise<unknown> } | undefined;
  #ended = false;

  constructor(wanted: Options, context: DriverContext) {
    this.#options = wanted;
    this.#context = context;
    this.#unwatch = context.clock.every(lookEvery, () => this.#look());
  }

  async play(clip: Clip, signal: AbortSignal): Promise<void> {
    await this.#hush();
    if (signal.aborted) return;
    if (this.#ended) throw this.#lost();
    const { device, sampleRate, channels, mixer } = this.#options;
    const volume = mixer === undefined ? ["-af", `volume=${this.#volume.toFixed(3)}`] : [];
    const out = ["-ar", String(sampleRate), "-ac", String(channels), "-c:a", "pcm_s16le", "-f", "alsa", device];
    const child = spawnBound("ffmpeg", [...quietly, "-i", "pipe:0", ...volume, ...out], {
      stdio: ["pipe", "ignore", "pipe"],
    });
    const gone = once(child, "close");
    this.#playing = { child, gone };
    const stop = (): void => void child.kill("SIGKILL");
    signal.addEventListener("abort", stop, { once: true });
    try {
      await this.#feed(child, clip, gone);
    } finally {
      signal.removeEventListener("abort", stop);
      if (this.#playing?.child === child) this.#playing = undefined;
    }
  }

  setVolume(volume: number): void {
    this.#volume = Math.max(0, Math.min(1, volume));
    const { device, mixer } = this.#options;
    if (mixer === undefined) return;
    const percent = `${Math.round(this.#volume * 100)}%`;
    run("amixer", ["-q", "-c", cardOf(device) ?? "0", "sset", mixer, percent]).catch((error: unknown) =>
      this.#context.log.warn({ err: error, mixer }, "the mixer did not take the volume"),
    );
  }

  onLost(handler: (fault: Fault) => void): void {
    this.#onLost.push(handler);
  }

  close(): void {
    this.#ended = true;
    this.#unwatch();
    this.#playing?.child.kill("SIGKILL");
  }

  /** @throws Fault speaker.* by the complaint of an ffmpeg that ended by itself, media.unreadable for what is no sound */
  async #feed(child: ChildProcess, clip: Clip, gone: Promise<unknown>): Promise<void> {
    let complaint = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString("utf8")).slice(-complaintCharacters);
    });
    // A player that was killed closes its end: that it did is known by its exit.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(clip);
    const [code] = (await gone) as [number | null];
    // Killed: silent, as it was asked to be.
    if (code === null || code === 0) return;
    if (code === 127) throw new Fault("process.missing", "ffmpeg is not installed", { cause: complaint });
    if (/Invalid data found/.test(complaint))
      throw new Fault("media.unreadable", "the clip is no sound that can be read", { cause: complaint });
    throw blameDevice("speaker", this.#options.device, { received: false, complaint });
  }

  /** A clip takes the place of the one before. */
  async #hush(): Promise<void> {
    const before = this.#playing;
    before?.child.kill("SIGKILL");
    await before?.gone;
  }

  async #look(): Promise<void> {
    if (this.#ended || (await cardIsThere(this.#options.device))) return;
    this.close();
    for (const handler of this.#onLost) handler(this.#lost());
  }

  #lost(): Fault {
    return new Fault("speaker.lost", `the loudspeaker ${this.#options.device} went away; look at its plug and cable`);
  }
}

async function cardIsThere(device: string): Promise<boolean> {
  const card = cardOf(device);
  if (card === undefined) return true;
  const path = /^\d+$/.test(card) ? `/proc/asound/card${card}` : `/proc/asound/${card}`;
  return access(path).then(
    () => true,
    () => false,
  );
}

/** @throws Fault speaker.missing */
async function openAlsaSpeaker(wanted: Options, context: DriverContext): Promise<Speaker> {
  if (!(await cardIsThere(wanted.device)))
    throw new Fault("speaker.missing", `there is no sound card for ${wanted.device}: aplay -l lists those there are`);
  return new AlsaSpeaker(wanted, context);
}

export const alsaSpeaker = defineDriver({
  kind: "speaker",
  summary: "A loudspeaker of ALSA, played by ffmpeg",
  options,
  open: openAlsaSpeaker,
});
