import { asFault, Fault } from "../contracts/fault.ts";
import type { Language } from "../contracts/language.ts";
import { type Millis, millis, seconds } from "../contracts/units.ts";
import { type Clock, deadline } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Part } from "../runtime/parts.ts";
import type { Health } from "./health.ts";

/** A question as it is read out; without `audio` none was rendered of this text. */
export type Spoken = { sessionId: string; text: string; language: Language; ducked: boolean; audio?: Uint8Array };

/** What effects may ask of the speaker. */
export interface Prompts {
  /** Begins to read; what was being read gives way. */
  speak(spoken: Spoken): void;
  /** Lower while a person who was called for help may be talking. */
  duck(on: boolean): void;
  /** Resolves when nothing sounds any more, the room included. */
  hush(): Promise<void>;
  /** When the last prompt ended, on the monotonic clock; undefined before any was heard. */
  readonly silentSince: Millis | undefined;
}

/** Of the board's speaker (drivers/port.ts), what reading out needs. */
type Loudspeaker = {
  play(clip: Uint8Array, signal: AbortSignal): Promise<void>;
  setVolume(volume: number): void;
  onLost(handler: (fault: Fault) => void): void;
  close(): void;
};
type Keep = (
  options: { clock: Clock; signal: AbortSignal; onFault: (fault: Fault) => void },
  serve: (delivers: () => void) => Promise<void>,
) => Promise<void>;

export type SpeakerOptions = {
  clock: Clock;
  log: Log;
  health: Health;
  /** 0 to 1. */
  volume: number;
  /** Share of the volume that is left while ducked. */
  duckedShare: number;
  /** Opens the speaker; undefined where the board has none. */
  open: () => Promise<Loudspeaker | undefined>;
  /** How hardware is kept open (drivers/keep.ts). */
  keep: Keep;
  /** The last resort where no prompt was rendered. @throws Fault process.missing */
  synthesise: (text: string, language: Language, signal: AbortSignal) => Promise<Uint8Array>;
};

/** How long a room goes on sounding: what is said in it must not reach the answer. */
const tail: Millis = millis(200);
/** A speaker that is not silent by then is closed, which silences it. */
const silenceLimit: Millis = seconds(1);

type Talk = { stop: AbortController; over: Promise<void> };

/** Reads questions out. Whatever befalls the speaker, the interview goes on: the page shows what is asked. */
export class SpeakerPart implements Part, Prompts {
  readonly name = "speaker";
  readonly #options: SpeakerOptions;
  readonly #ending = new AbortController();
  #speaker: Loudspeaker | undefined;
  #lose: ((fault: Fault) => void) | undefined;
  #kept: Promise<void> = Promise.resolve();
  #talk: Talk | undefined;
  #silentSince: Millis | undefined;
  /** The session that was told of a prompt that is missing. */
  #told: string | undefined;

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { clock, health, keep } = this.#options;
    const onFault = (fault: Fault): void => {
      health.count(fault, this.name);
      health.say(this.name, "degraded", fault.code);
    };
    this.#kept = keep({ clock, signal: this.#ending.signal, onFault }, (delivers) => this.#serve(delivers));
  }

  async stop(): Promise<void> {
    this.#talk?.stop.abort();
    this.#ending.abort();
    await this.#kept;
    await this.#talk?.over;
  }

  speak(spoken: Spoken): void {
    const { health } = this.#options;
    const before = this.#talk;
    before?.stop.abort();
    const stop = new AbortController();
    const say = async (): Promise<void> => {
      await before?.over;
      try {
        await this.#say(spoken, stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return;
        health.count(error, this.name);
        health.say(this.name, "degraded", asFault(error).code);
      }
    };
    this.#talk = { stop, over: say() };
  }

  get silentSince(): Millis | undefined {
    return this.#silentSince;
  }

  duck(on: boolean): void {
    this.#speaker?.setVolume(this.#volume(on));
  }

  async hush(): Promise<void> {
    const { clock } = this.#options;
    const talk = this.#talk;
    this.#talk = undefined;
    talk?.stop.abort();
    this.#speaker?.setVolume(0);
    const late = (): Fault => new Fault("speaker.stalled", "the speaker goes on after it was told to be silent");
    try {
      if (talk !== undefined) await deadline(silenceLimit, late, () => talk.over);
    } catch (error) {
      this.#lose?.(asFault(error));
      this.#silentSince = clock.monotonic();
    }
    const rest = this.#silentSince === undefined ? 0 : this.#silentSince + tail - clock.monotonic();
    if (rest > 0) await clock.sleep(millis(rest));
  }

  #volume(ducked: boolean): number {
    const { volume, duckedShare } = this.#options;
    return ducked ? volume * duckedShare : volume;
  }

  /** Holds the speaker until it is lost. */
  async #serve(delivers: () => void): Promise<void> {
    const { health, open } = this.#options;
    const speaker = await open();
    if (speaker === undefined) {
      this.#ending.abort();
      return;
    }
    const { signal } = this.#ending;
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        if (signal.aborted) resolve();
        this.#lose = reject;
        speaker.onLost(reject);
        this.#speaker = speaker;
        delivers();
        health.say(this.name, "working");
      });
    } finally {
      this.#speaker = undefined;
      this.#lose = undefined;
      speaker.close();
    }
  }

  async #say({ sessionId, text, language, ducked, audio }: Spoken, signal: AbortSignal): Promise<void> {
    const { clock, health } = this.#options;
    if (this.#speaker === undefined || signal.aborted) return;
    const clip = audio ?? (await this.#lastResort({ sessionId, text, language }, signal));
    const speaker = this.#speaker;
    if (clip === undefined || speaker === undefined || signal.aborted) return;
    speaker.setVolume(this.#volume(ducked));
    try {
      await speaker.play(clip, signal);
      health.say(this.name, "working");
    } finally {
      this.#silentSince = clock.monotonic();
    }
  }

  /** Said once a session: whoever looks after the bank can have it rendered. */
  async #lastResort(
    { sessionId, text, language }: Pick<Spoken, "sessionId" | "text" | "language">,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const { log, synthesise } = this.#options;
    const tell = (sentence: string): void => {
      if (this.#told !== sessionId) log.warn({ sessionId, language }, sentence);
      this.#told = sessionId;
    };
    try {
      const clip = await synthesise(text, language, signal);
      tell("a question has no rendered prompt: espeak-ng reads it, the last resort; run candor bank render");
      return clip;
    } catch (error) {
      if (asFault(error).code !== "process.missing") throw error;
      tell("a question has no rendered prompt and espeak-ng is not installed: only the page shows it");
      return undefined;
    }
  }
}
