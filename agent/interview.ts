import type { CaptureReport, Stream } from "../contracts/capture.ts";
import { asFault } from "../contracts/fault.ts";
import type { InferenceReport } from "../contracts/inference.ts";
import type { SessionEvent } from "../contracts/journal.ts";
import type { JudgeReport } from "../contracts/judge.ts";
import type { Millis } from "../contracts/units.ts";
import { type Clock, timestamp } from "../runtime/clock.ts";
import { backOff, retry, retryPolicies } from "../runtime/retry.ts";
import { unannounced } from "./adoption.ts";
import { DraftKeeper } from "./draft.ts";
import type { Context, Surroundings } from "./effects/context.ts";
import { execute } from "./effects/registry.ts";
import type { Journal } from "./journal.ts";
import { draftNow, judgedFact } from "./questions/code.ts";
import { begin, decide, fold } from "./session/decide.ts";
import {
  analysisEffects,
  captureEffects,
  type Effect,
  type EffectName,
  type EffectOf,
  judgeEffects,
} from "./session/effect.ts";
import { expired } from "./session/expiry.ts";
import { routedBy } from "./session/routing.ts";
import { standing } from "./session/standing.ts";
import { answerOf, type Draft, type Fact, type Session } from "./session/state.ts";
import type { SessionFolder } from "./sessionStore.ts";

export type InterviewOptions = {
  surroundings: Surroundings;
  folder: SessionFolder;
  clock: Clock;
  bootId: string;
  /** The state or what stands around it has changed: the view is drawn anew. */
  onChange: () => void;
  onClosed: (session: Session) => Promise<void>;
  onFault: (error: unknown) => void;
};

/** Tried again whatever the failure, until it is done or the session is left: without them a scorecard or a key would be lost. */
const owedEffects: readonly EffectName[] = ["sendScorecard", "close"];

type Opening = Extract<Fact, { type: "opened" }>;

/**
 * One running session: facts come in one at a time, each is on the disk before anything is done about it. All that
 * decides is in session/; here is only the order of things.
 */
export class Interview {
  readonly #options: InterviewOptions;
  readonly #journal: Journal;
  readonly #draft: DraftKeeper;
  readonly #wakes = new Map<string, AbortController>();
  #session: Session;
  #queue: Promise<void> = Promise.resolve();
  #over = false;
  #owing = false;

  private constructor(options: InterviewOptions, journal: Journal, session: Session) {
    this.#options = options;
    this.#journal = journal;
    this.#session = session;
    this.#draft = new DraftKeeper(options.folder, options.onFault);
  }

  /** Begins a session with its first fact. */
  static async begin(options: InterviewOptions, opening: Opening): Promise<Interview> {
    const { journal } = await options.folder.openJournal();
    const event: SessionEvent = { ...opening, at: 0, time: timestamp(options.clock.wall()) };
    await journal.append(event, options.folder.keys);
    const [session, effects] = begin(event as Extract<SessionEvent, { type: "opened" }>);
    const interview = new Interview(options, journal, session);
    await interview.#do(effects);
    return interview;
  }

  /**
   * Takes a session up again from its journal, or undefined where the journal was cut before its first line. On the same
   * boot the timeline goes on with the clock; after another start of the machine it goes on where the journal ends.
   * @throws Fault journal.broken
   */
  static async resume(options: InterviewOptions): Promise<Interview | undefined> {
    const { journal, events } = await options.folder.openJournal();
    const last = events.at(-1);
    if (last === undefined) {
      await journal.close();
      return undefined;
    }
    const session = fold(events);
    const sameBoot = session.bootId === options.bootId;
    const origin = sameBoot ? session.origin : options.clock.monotonic() - last.at;
    const interview = new Interview(options, journal, session);
    await interview.#draft.load();
    const found = await unannounced(session, options.folder).catch((error: unknown) => {
      options.onFault(error);
      return [];
    });
    for (const segment of found) await interview.submit(() => ({ type: "segmentKept", segment }));
    await interview.submit(() => ({ type: "resumed", bootId: options.bootId, origin, since: last.at }));
    return interview;
  }

  get session(): Session {
    return this.#session;
  }

  get over(): boolean {
    return this.#over;
  }

  /** It has been closed and cannot let go yet: its scorecard has not reached the disk. */
  get owing(): boolean {
    return this.#owing;
  }

  /** The program that stands on the page, where its question is asked now. */
  get draft(): Draft | undefined {
    return draftNow(this.#session, this.#draft.current);
  }

  /** Takes a program from the page. In line with the presses: what is typed before one is handed in by it. */
  write(draft: Draft): Promise<void> {
    return this.#inTurn(async () => {
      if (draftNow(this.#session, draft) === undefined) return;
      await this.#draft.keep(draft);
      this.#options.onChange();
    });
  }

  /** Milliseconds on the session's timeline; never backwards. */
  now(): Millis {
    return Math.max(this.#session.lastAt, this.#options.clock.monotonic() - this.#session.origin);
  }

  /** Puts a fact in line. `make` sees the state as it is when its turn comes and may find that there is none. */
  submit(make: (session: Session) => Fact | undefined): Promise<void> {
    const turn = this.#queue.then(async () => {
      const fact = this.#over ? undefined : make(this.#session);
      if (fact !== undefined) await this.#settle(fact);
    });
    this.#queue = turn.catch((error) => this.#options.onFault(error));
    return this.#queue;
  }

  /** Does again what a peer must know, after it came back. */
  again(names: readonly EffectName[], only?: Stream): Promise<void> {
    return this.#inTurn(async () => {
      for (const effect of standing(this.#session)) {
        if (!names.includes(effect.do)) continue;
        await this.#run(only !== undefined && "streams" in effect ? { ...effect, streams: [only] } : effect);
      }
    });
  }

  recorderUp(stream: Stream): Promise<void> {
    return this.again(captureEffects, stream);
  }

  inferenceUp(): Promise<void> {
    return this.again(analysisEffects);
  }

  judgeUp(): Promise<void> {
    return this.again(judgeEffects);
  }

  /** What a recorder reports and the journal keeps. */
  recorded(report: CaptureReport): void {
    if (report.report === "segment")
      void this.submit((session) =>
        session.ended === undefined ? { type: "segmentKept", segment: report.segment } : this.#late(session),
      );
    if (report.report === "gap") {
      const { report: _, ...gap } = report;
      void this.submit((session) => (session.ended === undefined ? { type: "gapFound", gap } : undefined));
    }
  }

  stopped(stream: Stream, { answerId, atMillis }: { answerId: string; atMillis: Millis }): void {
    void this.submit((session) => {
      if (session.ended !== undefined) return this.#late(session);
      return answerOf(session, answerId) === undefined
        ? undefined
        : { type: "recordingStopped", answerId, stream, atMillis, lost: false };
    });
  }

  /** What inference reports and the journal keeps. */
  inferred(report: InferenceReport): void {
    void this.submit((session): Fact | undefined => {
      if (session.ended !== undefined) return undefined;
      switch (report.report) {
        case "analysed": {
          const answer = answerOf(session, report.answerId);
          if (answer?.state !== "ended" || answer.result !== undefined) return undefined;
          const { answerId, observations, score } = report;
          return { type: "analysed", answerId, content: { observations, score } };
        }
        case "scored":
          if (report.sessionId !== session.sessionId || session.stage !== "analysing") return undefined;
          return { type: "scored", content: { score: report.score, canonical: report.canonical } };
        case "next":
          return report.sessionId === session.sessionId ? routedBy(session, report) : undefined;
        case "framing": {
          const before = session.framing.at(-1)?.advice;
          if (session.stage !== "answering" || before === report.framing.advice) return undefined;
          return { type: "framed", framing: report.framing };
        }
        default:
          return undefined;
      }
    });
  }

  /** What the judge reports and the journal keeps. */
  judged(report: JudgeReport): void {
    void this.submit((session) => judgedFact(session, report));
  }

  /** Lets go of the files; the session stays on the disk as it is. */
  async leave(): Promise<void> {
    this.#over = true;
    for (const wake of this.#wakes.values()) wake.abort();
    await this.#queue;
    await this.#journal.close();
  }

  /** A recorder sealed something after the session had ended without consent: it goes where the rest went. */
  #late(session: Session): undefined {
    if (session.ended === "refused" || session.ended === "withdrawn")
      void this.#inTurn(() => this.#run({ do: "wipeContent" }));
    return undefined;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue
      .then(() => (this.#over ? undefined : work()))
      .catch((error) => this.#options.onFault(error));
    return this.#queue;
  }

  async #settle(fact: Fact): Promise<void> {
    const { clock, folder, onChange, onFault } = this.#options;
    const at = fact.type === "resumed" ? Math.max(fact.since, clock.monotonic() - fact.origin) : this.now();
    const event = { ...fact, at, time: timestamp(clock.wall()) } as SessionEvent;
    // A full disk must not lose a fact: it waits in line until there is space again.
    await retry(
      retryPolicies.reopen,
      { clock, onFailure: onFault, worthwhile: (error) => asFault(error).retryable },
      () => this.#journal.append(event, folder.keys),
    );
    const [session, effects] = decide(this.#session, event);
    this.#session = session;
    onChange();
    await this.#do(effects);
  }

  async #do(effects: readonly Effect[]): Promise<void> {
    for (const effect of effects) await this.#run(effect);
  }

  /** One failing effect does not keep the others from being done; what is worth it is tried again until it is done. */
  async #run(effect: Effect, attempt = 0): Promise<void> {
    const { clock, onFault } = this.#options;
    const owed = owedEffects.includes(effect.do);
    try {
      const worthwhile = (error: unknown): boolean => !owed && asFault(error).retryable;
      await retry(retryPolicies.reopen, { clock, onFailure: onFault, worthwhile }, () =>
        execute(effect, this.#context()),
      );
    } catch (error) {
      onFault(error);
      if (owed) this.#later(effect, attempt);
    }
  }

  /** Puts an owed effect in line again after a wait that holds nobody up. */
  #later(effect: Effect, attempt: number): void {
    const { clock, onChange } = this.#options;
    if (effect.do === "close") {
      this.#owing = true;
      onChange();
    }
    this.#ringAfter(effect.do, backOff(retryPolicies.reopen, attempt, clock.random), () => {
      void this.#inTurn(() => this.#run(effect, attempt + 1));
    });
  }

  #context(): Context {
    const { surroundings, folder } = this.#options;
    return {
      ...surroundings,
      folder,
      journal: this.#journal,
      session: () => this.#session,
      wake: (effect) => this.#wake(effect),
      dropDraft: () => this.#draft.keep(undefined),
      closed: async () => {
        this.#over = true;
        for (const wake of this.#wakes.values()) wake.abort();
        await this.#journal.close();
        await this.#options.onClosed(this.#session);
      },
    };
  }

  #wake({ name, answerId, after }: EffectOf<"wake">): void {
    this.#ringAfter(`${name}/${answerId ?? ""}`, after, () => {
      const which = answerId === undefined ? { name } : { name, answerId };
      void this.submit((session) => expired(session, { ...which, draft: this.#draft.current }));
    });
  }

  /** One timer for each key; asked for again it begins anew. None once the session has been left. */
  #ringAfter(key: string, after: Millis, ring: () => void): void {
    this.#wakes.get(key)?.abort();
    if (this.#over) return;
    const controller = new AbortController();
    this.#wakes.set(key, controller);
    this.#options.clock.sleep(after, controller.signal).then(
      () => {
        this.#wakes.delete(key);
        ring();
      },
      (error) => {
        if (!controller.signal.aborted) this.#options.onFault(error);
      },
    );
  }
}
