import { Fault } from "../../contracts/fault.ts";
import type { Language } from "../../contracts/language.ts";
import { type Pcm, type Recognised, type Recogniser, sampleRate } from "../../contracts/ports.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { type Clock, systemClock } from "../../runtime/clock.ts";
import type { ModelStore } from "../models/store.ts";
import { type SherpaLimits, SherpaProcess, sherpaLimits } from "./sherpa/process.ts";
import type { SherpaFamily } from "./sherpa/protocol.ts";
import { recognised } from "./sherpa/words.ts";

/** sherpa-onnx aborts on a stream without a whole frame. */
const shortestSeconds = 0.1;
/** What the families are trained on, as with Whisper. */
const longestSeconds = 30;

export type SherpaOptions = {
  model: string;
  family: SherpaFamily;
  languages: readonly Language[];
  threads?: number;
  clock?: Clock;
  limits?: Partial<SherpaLimits>;
};

/** A process that died so often in so short a time is not started again before that time is over. */
export const restartBudget: { deaths: number; within: Millis } = { deaths: 3, within: seconds(60) };

class Sherpa implements Recogniser {
  readonly name: string;
  readonly languages: readonly Language[];
  readonly #store: ModelStore;
  readonly #options: SherpaOptions;
  readonly #clock: Clock;
  #process: SherpaProcess | undefined;
  #starting: Promise<SherpaProcess> | undefined;
  #deaths: Millis[] = [];
  #closed = false;

  constructor(store: ModelStore, options: SherpaOptions) {
    this.name = options.model;
    this.languages = options.languages;
    this.#store = store;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** The process that runs, or a new one within the budget. */
  running(): Promise<SherpaProcess> {
    if (this.#process?.alive) return Promise.resolve(this.#process);
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<SherpaProcess> {
    if (this.#closed) throw new Fault("inference.lost", `the recogniser ${this.name} is closed`);
    const now = this.#clock.monotonic();
    if (this.#process !== undefined) this.#deaths.push(now);
    this.#process = undefined;
    this.#deaths = this.#deaths.filter((death) => now - death < restartBudget.within);
    if (this.#deaths.length >= restartBudget.deaths)
      throw new Fault(
        "inference.lost",
        `the sherpa-onnx process of ${this.name} died ${this.#deaths.length} times within ${restartBudget.within / 1000} s and is left alone until they are over; choose another recogniser if it goes on`,
        { field: "recogniser" },
      );
    // Anew before every start: a model that went bad on the disk would kill the process, not fail in it.
    const model = await this.#store.load(this.name);
    const { family, threads = 2, limits } = this.#options;
    const paths = { model: model.path("model.int8.onnx"), tokens: model.path("tokens.txt") };
    try {
      this.#process = await SherpaProcess.open({ name: this.name, family, threads, ...paths }, this.#clock, {
        ...sherpaLimits,
        ...limits,
      });
    } catch (error) {
      this.#deaths.push(this.#clock.monotonic());
      throw error;
    }
    if (!this.#closed) return this.#process;
    await this.#process.close();
    throw new Fault("inference.lost", `the recogniser ${this.name} is closed`);
  }

  async recognise(pcm: Pcm, options: { language?: Language; signal?: AbortSignal } = {}): Promise<Recognised> {
    const { language, signal } = options;
    const length = pcm.length / sampleRate;
    if (length > longestSeconds)
      throw new Fault(
        "use.invalid",
        `${length.toFixed(1)} s of sound were given, at most ${longestSeconds} s can be heard at once: cut it at a pause`,
      );
    if (language !== undefined && !this.languages.includes(language))
      throw new Fault("language.unsupported", `${this.name} understands ${this.languages.join(", ")}, not ${language}`);
    const nothing = { text: "", lang: "", tokens: [], timestamps: [], ys_log_probs: [] };
    if (length < shortestSeconds) return recognised(nothing, pcm, language ?? this.languages[0]);
    signal?.throwIfAborted();
    const hearing = this.running().then((process) => process.hear(pcm));
    const heard = await (signal === undefined ? hearing : unlessAborted(hearing, signal));
    return recognised(heard, pcm, language ?? (this.languages.length === 1 ? this.languages[0] : undefined));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#starting?.catch(() => undefined);
    await this.#process?.close();
  }
}

/** Rejects with the signal's reason at once; the engine knows no abort, so it ends its decode and nobody listens. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
    work.catch(() => undefined);
  }
}

/**
 * sherpa-onnx (https://github.com/k2-fsa/sherpa-onnx) in a child process of its own. A crash of it is a fault of what it
 * was hearing; the next call starts it anew, within `restartBudget`. It has no prompt, and tells a confidence with few models.
 * Throws model.unknown, model.missing, model.corrupt, process.missing; `recognise` throws use.invalid,
 * language.unsupported, inference.lost, process.stuck.
 */
export async function openSherpa(store: ModelStore, options: SherpaOptions): Promise<Recogniser & SherpaHandle> {
  const recogniser = new Sherpa(store, options);
  await recogniser.running();
  return recogniser;
}

/** For tests and diagnostics: the process itself. */
export type SherpaHandle = { running(): Promise<SherpaProcess> };
