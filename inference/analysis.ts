import { asFault, Fault, type FaultCode } from "../contracts/fault.ts";
import type { Language } from "../contracts/language.ts";
import type {
  AnswerObservations,
  Fillers,
  Pace,
  ResponseLatency,
  SoundQuality,
  Transcript,
  Utterance,
} from "../contracts/observation.ts";
import {
  type Pcm,
  type Recogniser,
  sampleRate,
  type VoiceActivity,
  type VoiceActivityStream,
} from "../contracts/ports.ts";
import { type Millis, seconds } from "../contracts/units.ts";
import { Decoding } from "./decoding.ts";
import { SampleBuffer } from "./samples.ts";
import { allowedSignals, type SignalSet } from "./signal.ts";
import type { PitchMeter } from "./signals/pitch.ts";
import * as signals from "./signals/registry.ts";
import type { LatencyInput } from "./signals/responseLatency.ts";
import type { SoundMeter } from "./signals/soundQuality.ts";
import { type Found, type SpeechFinder, shortPieces, speechRules } from "./speech.ts";
import { Timeline } from "./timeline.ts";

/** An engine with the hashes of its model files by model id, or why it could not be had. */
export type Equipped<Engine> = { engine: Engine; models: Record<string, string> } | { fault: Fault };
export type SoundEngines = { voiceActivity: Equipped<VoiceActivity>; recogniser: Equipped<Recogniser> };
export type KnownSignals = SignalSet<typeof signals>;

export type AnalysisOptions = {
  engines: SoundEngines;
  /** What is spoken; "auto" has each piece's language told from its sound. */
  language: Language | "auto";
  /** When the recording began, on the session's timeline. */
  offsetMillis: Millis;
  /**
   * What samples that are all equal mean. From a microphone they mean that it failed: the air is never that still. In a
   * file they are what a muted recording of silence looks like. Default: failure.
   */
  stillness?: "failure" | "silence";
  /** What the policy leaves; default: everything but plug-ins. */
  signals?: KnownSignals;
  /** When the question had been asked; without it no response latency is known. */
  asked?: LatencyInput["asked"] | undefined;
  /** Decode only after the last sample: the same text, later. For a board that cannot keep up live. */
  afterwards?: boolean;
  /** Settled text as it comes, in order. */
  onUtterance?: (utterance: Utterance) => void;
  /** Gives up: `finish` rejects with the signal's reason. */
  signal?: AbortSignal;
};

export interface Analysis {
  /**
   * Takes the next samples of the recording, any number of them. `atMillis` is their moment on the session's timeline
   * where the caller knows it: a jump ends what was open and goes on there. Resolves when there is room for more.
   */
  push(pcm: Pcm, atMillis?: Millis): Promise<void>;
  /** Notes a fault of the recording, once. */
  note(fault: FaultCode): void;
  /** No more samples: recognises what is left and sums up. */
  finish(): Promise<AnswerObservations>;
  readonly backlogSeconds: number;
}

/** Segments are stamped by different clocks' readings of one stream: less than this between two is no gap. */
const tolerance = 60;
/** Where most of the speech, and at least this much, cannot be read, the recogniser failed and not the candidate. */
const unreadable = { least: seconds(2), share: 0.5 } as const;

const orFault = <Engine>(equipped: Equipped<Engine>): Engine | Fault =>
  "engine" in equipped ? equipped.engine : equipped.fault;
const refusal = new Fault("policy.banned", "the signal may not be computed under this policy");

class AnswerAnalysis implements Analysis {
  readonly #options: AnalysisOptions;
  readonly #signals: KnownSignals;
  readonly #buffer = new SampleBuffer();
  readonly #timeline: Timeline;
  readonly #meter: SoundMeter | undefined;
  #pitch: PitchMeter | undefined;
  readonly #faults = new Set<FaultCode>();
  readonly #speech: { start: Millis; end: Millis }[] = [];
  readonly #window: number;
  #voice: { stream: VoiceActivityStream; finder: SpeechFinder } | undefined;
  #decoding: Decoding | undefined;
  #next = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: AnalysisOptions) {
    this.#options = options;
    this.#signals = options.signals ?? allowedSignals(signals, { banned: [] });
    this.#timeline = new Timeline(options.offsetMillis);
    this.#meter = this.#signals.allows("soundQuality") ? this.#signals.load("soundQuality").compute() : undefined;
    this.#pitch = this.#signals.allows("pitch") ? this.#signals.load("pitch").compute() : undefined;
    const voice = this.#signals.allows("voiceActivity") ? orFault(options.engines.voiceActivity) : refusal;
    const recogniser = this.#signals.allows("transcript") ? orFault(options.engines.recogniser) : refusal;
    for (const lacking of [voice, recogniser]) if (lacking instanceof Fault) this.#faults.add(lacking.code);
    this.#window = voice instanceof Fault ? 512 : voice.windowSamples;
    if (!(voice instanceof Fault)) this.#listen(voice, 0);
    if (!(recogniser instanceof Fault)) this.#decoding = this.#decoder(recogniser);
  }

  get backlogSeconds(): number {
    return (this.#buffer.end - this.#next) / sampleRate + (this.#decoding?.backlogSeconds ?? 0);
  }

  push(pcm: Pcm, atMillis?: Millis): Promise<void> {
    this.#tail = this.#tail.then(() => this.#take(pcm, atMillis));
    return this.#tail;
  }

  note(fault: FaultCode): void {
    this.#faults.add(fault);
  }

  async finish(): Promise<AnswerObservations> {
    await this.#tail;
    await this.#breakOff();
    await this.#decoding?.finish();
    this.#options.signal?.throwIfAborted();
    return this.#sumUp();
  }

  #decoder(recogniser: Recogniser): Decoding | undefined {
    const { language, signal, onUtterance, afterwards } = this.#options;
    if (language !== "auto" && !recogniser.languages.includes(language)) {
      this.#faults.add("language.unsupported");
      return undefined;
    }
    return new Decoding({ recogniser, language, signal, onUtterance, afterwards });
  }

  #listen(voice: VoiceActivity, from: number): void {
    const gathering = this.#options.language === "auto" ? shortPieces : undefined;
    this.#voice = {
      stream: voice.stream(),
      finder: this.#signals.load("voiceActivity").compute(from, voice.windowSamples, gathering),
    };
  }

  async #take(pcm: Pcm, atMillis: Millis | undefined): Promise<void> {
    if (atMillis !== undefined && Math.abs(atMillis - this.#timeline.exact(this.#buffer.end)) > tolerance) {
      await this.#breakOff();
      this.#timeline.resume(this.#buffer.end, atMillis);
      const voice = this.#options.engines.voiceActivity;
      if (this.#voice !== undefined && "engine" in voice) this.#listen(voice.engine, this.#buffer.end);
    }
    this.#buffer.append(this.#sound(pcm));
    while (this.#next + this.#window <= this.#buffer.end && !this.#options.signal?.aborted) {
      await this.#hear(this.#buffer.view(this.#next, this.#next + this.#window), this.#window);
    }
    this.#buffer.forget(Math.min(this.#next, this.#voice?.finder.needed ?? this.#next));
    await this.#decoding?.room();
  }

  /** A sample that is no number is silence: it would make a sum and every probability after it none as well. */
  #sound(pcm: Pcm): Pcm {
    if (pcm.every(Number.isFinite)) return pcm;
    this.#faults.add("media.unreadable");
    return pcm.map((sample) => (Number.isFinite(sample) ? sample : 0));
  }

  /** One window; `real` of its samples are recorded, the rest fills it up. */
  async #hear(window: Pcm, real: number): Promise<void> {
    const energy = this.#meter?.add(window.subarray(0, real)) ?? window.reduce((sum, value) => sum + value * value, 0);
    this.#next += real;
    if (this.#voice === undefined) return;
    try {
      const probability = await this.#voice.stream.next(window);
      this.#follow(window, probability >= speechRules.hold);
      this.#settle(this.#voice.finder.next(probability, energy));
    } catch (error) {
      this.#voice = undefined;
      this.#faults.add(asFault(error, "inference.lost").code);
    }
  }

  /** A plug-in that fails is left out of the answer; nothing else depends on it. */
  #follow(window: Pcm, speech: boolean): void {
    try {
      this.#pitch?.add(window, speech);
    } catch {
      this.#pitch = undefined;
    }
  }

  /** The recording ends or breaks off here: what is open closes. */
  async #breakOff(): Promise<void> {
    const left = this.#buffer.end - this.#next;
    if (left > 0) {
      const window = new Float32Array(this.#window);
      window.set(this.#buffer.slice(this.#next, this.#buffer.end));
      await this.#hear(window, left);
    }
    if (this.#voice !== undefined) this.#settle(this.#voice.finder.finish(this.#buffer.end));
  }

  #settle(found: readonly Found[]): void {
    for (const one of found) {
      const { start, end } = this.#timeline.span(one.span);
      if (one.found === "stretch") this.#speech.push({ start, end });
      else
        this.#decoding?.add({
          pcm: this.#buffer.slice(one.span.start, one.span.end),
          from: this.#timeline.exact(one.span.start),
          to: end,
          speech: (one.speech / sampleRate) * 1000,
        });
    }
  }

  #sumUp(): AnswerObservations {
    const sound = this.#heard();
    if (this.#buffer.end === 0 || sound?.usable === false) this.#faults.add("media.unreadable");
    const transcript = this.#transcript(sound?.usable ?? this.#buffer.end > 0);
    return {
      transcript,
      pace: transcript === null ? null : this.#paced(transcript),
      sound,
      fillers: transcript === null ? null : this.#filled(transcript),
      responseLatency: this.#latency(),
      severalFaces: null,
      plugins: this.#signals.allows("pitch") ? { pitch: this.#pitch?.result() ?? null } : {},
      speech: this.#speech,
      faults: [...this.#faults],
      models: this.#models(),
    };
  }

  #paced(transcript: Transcript): Pace | null {
    if (!this.#signals.allows("pace")) return null;
    return this.#signals.load("pace").compute({
      speech: this.#speech,
      words: transcript.utterances.reduce((sum, one) => sum + one.words.length, 0),
      from: Math.round(this.#timeline.start),
      breaks: this.#timeline.resumed,
    });
  }

  #filled({ utterances }: Transcript): Fillers | null {
    if (!this.#signals.allows("fillers")) return null;
    return this.#signals.load("fillers").compute({ utterances, speechMillis: this.#spoken });
  }

  /** Null where the question's end is not known, or voice activity was never had. */
  #latency(): ResponseLatency | null {
    const { asked } = this.#options;
    if (asked === undefined || this.#voice === undefined || !this.#signals.allows("responseLatency")) return null;
    return this.#signals.load("responseLatency").compute({ asked, speech: this.#speech });
  }

  get #spoken(): Millis {
    return this.#speech.reduce((sum, one) => sum + one.end - one.start, 0);
  }

  #heard(): SoundQuality | null {
    const sound = this.#meter?.result() ?? null;
    if (sound === null || this.#options.stillness !== "silence") return sound;
    return { ...sound, usable: this.#buffer.end > 0 };
  }

  /** Null where device or recogniser failed; text "" where nothing was said. */
  #transcript(usable: boolean): Transcript | null {
    const decoding = this.#decoding;
    if (decoding?.fault !== undefined) this.#faults.add(decoding.fault.code);
    if (!usable || decoding === undefined || decoding.fault !== undefined || this.#voice === undefined) return null;
    if (decoding.untrusted >= unreadable.least && decoding.untrusted > this.#spoken * unreadable.share) {
      this.#faults.add("media.unreadable");
      return null;
    }
    const { language } = this.#options;
    return this.#signals.load("transcript").compute(decoding.utterances, language === "auto" ? "en" : language);
  }

  #models(): Record<string, string> {
    const { voiceActivity, recogniser } = this.#options.engines;
    return {
      ...(this.#voice !== undefined && "engine" in voiceActivity ? voiceActivity.models : {}),
      ...(this.#decoding !== undefined && "engine" in recogniser ? recogniser.models : {}),
    };
  }
}

/** The incremental analysis of one answer's sound. What it finds depends on the samples and their moments alone. */
export function createAnalysis(options: AnalysisOptions): Analysis {
  return new AnswerAnalysis(options);
}
