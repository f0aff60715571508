import { once } from "node:events";
import { z } from "zod";
import { asFault, Fault } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { run, spawnBound } from "../../runtime/subprocess.ts";
import { cardIsThere, cardOf, deviceName, proc } from "../alsa/cards.ts";
import { blameDevice } from "../blame.ts";
import { type Clip, type DriverContext, defineDriver, type Speaker } from "../port.ts";

const options = z.strictObject({
  /** As ALSA names it, `hw:CARD=Speaker,DEV=0`, or "card:" and the card's id or name, as `aplay -l` tells them. */
  device: z.string().min(1).default("default"),
  sampleRate: z.int().min(8000).max(192_000).default(48_000),
  channels: z.int().min(1).max(8).default(2),
  /** A control of the card's mixer (`Master`), for a volume that holds for what is being played; without it the next clip is the first that has it. */
  mixer: z.string().min(1).optional(),
  /** How long a clip may stand still before the device counts as stalled. */
  stallMillis: z.int().min(1000).default(5000),
});
type Options = z.output<typeof options>;

/** How often the card is looked for while nothing is played. */
const lookEvery: Millis = seconds(1);
const quietly = ["-hide_banner", "-nostdin", "-loglevel", "warning"];
/** ffmpeg tells how far it is after each write to the device: a device that takes nothing is one that nothing is told of. */
const tellsProgress = ["-progress", "pipe:1", "-stats_period", "0.5"];
const complaintCharacters = 2000;
/** setpriv's exit code where the program it is to start is not there. */
const notFound = 127;
/** How ffmpeg begins when the device did not let itself be opened; later words are those of one that was open. */
const unopened = /cannot (open|set)/i;

type Ending = { code: number | null; complaint: string; stalled: boolean };
/** Where the kernel lists its cards: elsewhere in tests. */
export type Place = { proc?: string };

/** ffmpeg plays, one process a clip: its end is the end of the sound, since ALSA is drained before it goes. */
class AlsaSpeaker implements Speaker {
  readonly #options: Options;
  readonly #context: DriverContext;
  readonly #proc: string;
  readonly #onLost: ((fault: Fault) => void)[] = [];
  readonly #unwatch: () => void;
  #volume = 1;
  /** The newest call of `play`; those before give way to it. */
  #newest: AbortController | undefined;
  /** The player before: the device is free once it is gone. */
  #last: Promise<unknown> = Promise.resolve();
  #mixing: Promise<unknown> = Promise.resolve();
  #state: "open" | "closed" | "gone" = "open";
  /** Aborted when the card goes: a player may hang on it. */
  readonly #going = new AbortController();

  constructor(wanted: Options, context: DriverContext, folder: string) {
    this.#options = wanted;
    this.#context = context;
    this.#proc = folder;
    this.#unwatch = context.clock.every(lookEvery, () => this.#look());
  }

  async play(clip: Clip, signal: AbortSignal): Promise<void> {
    this.#newest?.abort();
    const mine = new AbortController();
    this.#newest = mine;
    const playing = this.#inTurn(this.#last, clip, AbortSignal.any([signal, mine.signal]));
    this.#last = playing.catch(() => undefined);
    await playing;
  }

  setVolume(volume: number): void {
    this.#volume = Math.max(0, Math.min(1, volume));
    const { device, mixer } = this.#options;
    if (mixer === undefined) return;
    const card = cardOf(device);
    const args = ["-q", ...(card === undefined ? [] : ["-c", card]), "sset", mixer];
    // One after another: of two at once either could be the last.
    this.#mixing = this.#mixing
      .then(() => run("amixer", [...args, `${Math.round(this.#volume * 100)}%`]))
      .catch((error: unknown) =>
        this.#context.log.warn({ err: asFault(error), mixer }, "the mixer did not take the volume"),
      );
  }

  onLost(handler: (fault: Fault) => void): void {
    this.#onLost.push(handler);
  }

  close(): void {
    if (this.#state === "open") this.#state = "closed";
    this.#unwatch();
    this.#newest?.abort();
  }

  async #inTurn(before: Promise<unknown>, clip: Clip, signal: AbortSignal): Promise<void> {
    await before;
    if (signal.aborted) return;
    if (this.#state !== "open") throw this.#lost();
    const ending = await this.#run(clip, AbortSignal.any([signal, this.#going.signal]));
    // Killed: silent, as it was asked to be.
    if (signal.aborted || ending.code === 0) return;
    if (this.#going.signal.aborted) throw this.#lost();
    throw await this.#blame(ending);
  }

  async #run(clip: Clip, signal: AbortSignal): Promise<Ending> {
    const { device, sampleRate, channels, mixer, stallMillis } = this.#options;
    // The lowest step of a mixer's control is heard with many cards.
    const volume = mixer === undefined || this.#volume === 0 ? ["-af", `volume=${this.#volume.toFixed(3)}`] : [];
    const out = ["-ar", String(sampleRate), "-ac", String(channels), "-c:a", "pcm_s16le", "-f", "alsa", device];
    const child = spawnBound("ffmpeg", [...quietly, ...tellsProgress, "-i", "pipe:0", ...volume, ...out], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const stop = (): void => void child.kill("SIGKILL");
    const { clock } = this.#context;
    let [moved, stalled] = [clock.monotonic(), false];
    child.stdout?.on("data", () => {
      moved = clock.monotonic();
    });
    const unwatch = clock.every(seconds(0.5), async () => {
      stalled ||= clock.monotonic() - moved > stallMillis;
      if (stalled) stop();
    });
    signal.addEventListener("abort", stop, { once: true });
    let complaint = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString("utf8")).slice(-complaintCharacters);
    });
    // A player that was killed closes its end: that it did is known by its exit.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(clip);
    try {
      const [code] = (await once(child, "close")) as [number | null];
      return { code, complaint, stalled };
    } catch (error) {
      throw new Fault("process.missing", "ffmpeg cannot be run: is it installed, and setpriv of util-linux?", {
        cause: error,
      });
    } finally {
      unwatch();
      signal.removeEventListener("abort", stop);
    }
  }

  /** Why a player ended by itself: speaker.*, media.unreadable for what is no sound, process.missing. */
  async #blame({ code, complaint, stalled }: Ending): Promise<Fault> {
    const { device, stallMillis } = this.#options;
    if (code === notFound) return new Fault("process.missing", "ffmpeg is not installed", { cause: complaint });
    if (!(await cardIsThere(device, this.#proc))) {
      this.#gone();
      return this.#lost(complaint);
    }
    if (stalled) {
      const words = `the loudspeaker ${device} has taken no sound for ${stallMillis / 1000} s; look at its plug, or restart the device`;
      return new Fault("speaker.stalled", words, { cause: complaint });
    }
    if (/Invalid data found/.test(complaint))
      return new Fault("media.unreadable", "the clip is no sound that can be read", { cause: complaint });
    return blameDevice("speaker", device, { received: !unopened.test(complaint), complaint });
  }

  async #look(): Promise<void> {
    if (this.#state === "open" && !(await cardIsThere(this.#options.device, this.#proc))) this.#gone();
  }

  #gone(): void {
    if (this.#state !== "open") return;
    this.#state = "gone";
    this.#unwatch();
    this.#going.abort();
    for (const handler of this.#onLost) handler(this.#lost());
  }

  #lost(cause?: string): Fault {
    const words = `the loudspeaker ${this.#options.device} went away; look at its plug and cable`;
    return new Fault("speaker.lost", words, { cause });
  }
}

/** @throws Fault speaker.missing */
export async function openAlsaSpeaker(wanted: Options, context: DriverContext, place: Place = {}): Promise<Speaker> {
  const folder = place.proc ?? proc;
  // Through plughw, since a card need not have the rate and the channels that are played.
  const device = await deviceName(wanted.device, { kind: "speaker", plug: "plughw" }, folder);
  if (!(await cardIsThere(device, folder)))
    throw new Fault("speaker.missing", `there is no sound card for ${device}: aplay -l lists those there are`);
  return new AlsaSpeaker({ ...wanted, device }, context, folder);
}

export const alsaSpeaker = defineDriver({
  kind: "speaker",
  summary: "A loudspeaker of ALSA, played by ffmpeg",
  options,
  open: (wanted, context) => openAlsaSpeaker(wanted, context),
});
