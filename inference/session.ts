import { asFault, Fault } from "../contracts/fault.ts";
import type { InferenceReport, InferenceRequest } from "../contracts/inference.ts";
import type { Language } from "../contracts/language.ts";
import type { AnswerObservations } from "../contracts/observation.ts";
import { questionOf } from "../contracts/plan.ts";
import type { AnswerScore } from "../contracts/scoring.ts";
import type { Millis } from "../contracts/units.ts";
import type { Log } from "../runtime/log.ts";
import { fromBase64url } from "../runtime/seal.ts";
import { type Analysis, createAnalysis, type KnownSignals } from "./analysis.ts";
import type { ReadingModel } from "./engines/faceReader.ts";
import { absentEmbedder, type Engines, modelsOf } from "./equipment.ts";
import { answerHeard } from "./scoring/heard.ts";
import {
  canonicalScore,
  forgetTexts,
  nextQuestion,
  prepareSpoken,
  scoreAnswer,
  scoreSession,
} from "./scoring/score.ts";
import { readSegment } from "./segments.ts";
import { readingModelsOf, Sightings } from "./sightings.ts";
import { allowedSignals, deliverySignals } from "./signal.ts";
import * as signals from "./signals/registry.ts";
import type { Look } from "./watching.ts";

type Request<Do extends InferenceRequest["do"]> = Extract<InferenceRequest, { do: Do }>;
export type Report = (report: InferenceReport) => void;
type Around = {
  engines: Promise<Engines>;
  report: Report;
  log: Log;
  /** Languages decoded while they are spoken, others after the answer; default: every language. */
  live?: readonly Language[] | undefined;
};
type Given = Parameters<typeof scoreAnswer>[0]["answer"];

/** One spoken answer while it is heard. Its work runs in order on its own chain. */
type Run = {
  questionId: string;
  language: Language;
  fromMillis: Millis;
  soundFrom: Millis | undefined;
  seen: Set<number>;
  sightings: Sightings;
  giveUp: AbortController;
  analysis: Analysis | undefined;
  tail: Promise<void>;
  outcome: Promise<InferenceReport> | undefined;
};

/**
 * What the inference process knows of one session: its key, its rubric and the answers being heard. Every answer that
 * is ended is reported, whatever failed.
 */
export class InferenceSession {
  readonly sessionId: string;
  readonly #request: Request<"open">;
  readonly #key: Buffer;
  readonly #engines: Promise<Engines>;
  readonly #report: Report;
  readonly #log: Log;
  readonly #live: readonly Language[] | undefined;
  readonly #runs = new Map<string, Run>();
  readonly signals: KnownSignals;

  /** Throws message.malformed where the key is none. */
  constructor(request: Request<"open">, around: Around) {
    this.sessionId = request.sessionId;
    this.#request = request;
    this.#key = fromBase64url(request.key);
    if (this.#key.length !== 32)
      throw new Fault("message.malformed", "the session key is not 32 bytes in base64url", { field: "key" });
    this.#engines = around.engines;
    this.#report = around.report;
    this.#log = around.log;
    this.#live = around.live;
    const delivery = request.withoutDelivery ? deliverySignals(signals) : [];
    const banned = [...request.bannedSignals, ...delivery];
    this.signals = allowedSignals(signals, { banned, plugins: request.plugins });
  }

  /** Seconds of sound that wait. */
  get backlogSeconds(): number {
    return [...this.#runs.values()].reduce((sum, run) => sum + (run.analysis?.backlogSeconds ?? 0), 0);
  }

  /** Whether an answer is being given. */
  get isHearing(): boolean {
    return [...this.#runs.values()].some((run) => run.outcome === undefined);
  }

  /** Models of the plug-ins that pictures are read with. */
  get readingModels(): ReadingModel[] {
    return readingModelsOf(this.signals);
  }

  /** Takes what was seen in a live picture for the answers that are being given. */
  see(look: Look, models: Record<string, string>): void {
    for (const run of this.#runs.values()) if (run.outcome === undefined) run.sightings.add(look, models);
  }

  /** True for the request that this session was opened with, sent again. */
  isSame(request: Request<"open">): boolean {
    return (
      request.sessionId === this.sessionId &&
      request.key === this.#request.key &&
      request.folder === this.#request.folder
    );
  }

  begin({ answerId, questionId, fromMillis, language = this.#request.language, asked }: Request<"begin">): void {
    this.#runs.get(answerId)?.giveUp.abort();
    const run: Run = {
      questionId,
      language,
      fromMillis,
      soundFrom: undefined,
      seen: new Set(),
      sightings: this.#runs.get(answerId)?.sightings ?? new Sightings(),
      giveUp: new AbortController(),
      analysis: undefined,
      tail: Promise.resolve(),
      outcome: undefined,
    };
    this.#runs.set(answerId, run);
    const said: string[] = [];
    this.#prepare(run);
    this.#next(run, async () => {
      run.analysis = createAnalysis({
        engines: await this.#engines,
        language,
        offsetMillis: fromMillis,
        asked,
        signals: this.signals,
        afterwards: this.#live?.includes(language) === false,
        signal: run.giveUp.signal,
        onUtterance: (utterance) => {
          said.push(utterance.text);
          this.#prepare(run, utterance.text);
          if (!run.giveUp.signal.aborted)
            this.#report({ report: "partial", answerId, text: said.join(utterance.language === "en" ? " " : "") });
        },
      });
    });
  }

  segment({ segment }: Request<"segment">): void {
    const run = this.#runs.get(segment.answerId);
    if (segment.stream !== "mic" || run === undefined || run.outcome !== undefined || run.seen.has(segment.index)) {
      this.#log.debug({ answerId: segment.answerId, index: segment.index }, "a segment was left out");
      return;
    }
    run.seen.add(segment.index);
    this.#next(run, async () => {
      try {
        const pcm = await readSegment(this.#request.folder, { sessionId: this.sessionId, key: this.#key, segment });
        run.soundFrom ??= segment.offsetMillis;
        await run.analysis?.push(pcm, segment.offsetMillis);
      } catch (error) {
        const fault = asFault(error, "media.unreadable");
        this.#log.warn({ err: fault, answerId: segment.answerId, file: segment.file }, "a segment could not be read");
        run.analysis?.note(fault.code);
      }
    });
  }

  end({ answerId, toMillis }: Request<"end">): void {
    const run = this.#runs.get(answerId);
    if (run === undefined) {
      this.#log.warn({ answerId }, "an answer ended that never began");
      this.#report({
        report: "fault",
        fault: "inference.lost",
        part: answerId,
        message: "this answer is not known here: begin it again",
      });
      return;
    }
    run.outcome ??= run.tail.then(() => this.#conclude(answerId, run, toMillis));
    void run.outcome.then(
      (report) => this.#report(report),
      (error: unknown) => this.#complain(error, { part: answerId, given: run.giveUp.signal.aborted }),
    );
  }

  choice({ answerId, questionId, chosen }: Request<"choice">): void {
    this.#weigh({ answerId, questionId }, { kind: "choice", chosen });
  }

  code({ answerId, questionId, source, judgement }: Request<"code">): void {
    this.#weigh({ answerId, questionId }, { kind: "code", source, judgement: judgement ?? undefined });
  }

  /** What came whole is scored at once. */
  #weigh(which: { answerId: string; questionId: string }, answer: Given): void {
    const { answerId } = which;
    void this.#score(which, answer).then(
      (score) => this.#report({ report: "analysed", answerId, observations: null, score }),
      (error: unknown) => this.#complain(error, { part: answerId, given: false }),
    );
  }

  /** Chooses the next question of the route. A choice that fails is told: the agent goes on as planned. */
  next({ position, asked, answers }: Request<"next">): void {
    try {
      const chosen = nextQuestion({ rubric: this.#request.rubric, asked, answers });
      this.#report({ report: "next", sessionId: this.sessionId, position, ...chosen });
    } catch (error) {
      this.#complain(error, { part: "route", given: false });
    }
  }

  async score({ answers }: Request<"score">): Promise<void> {
    try {
      const score = scoreSession(this.#request.rubric, answers, modelsOf(await this.#engines));
      this.#report({ report: "scored", sessionId: this.sessionId, score, canonical: canonicalScore(score) });
    } catch (error) {
      this.#complain(error, { part: "scoring", given: false });
    }
  }

  /** Forgets key, answers and what was said in them. */
  drop(): void {
    for (const run of this.#runs.values()) run.giveUp.abort();
    this.#runs.clear();
    this.#key.fill(0);
    this.#engines.then(
      ({ embedder }) => "engine" in embedder && forgetTexts(embedder.engine),
      (error: unknown) => this.#log.debug({ err: error }, "there were no engines"),
    );
  }

  #next(run: Run, work: () => Promise<void>): void {
    run.tail = run.tail.then(async () => {
      if (!run.giveUp.signal.aborted) await work();
    });
    run.tail.catch((error: unknown) =>
      this.#complain(error, { part: run.questionId, given: run.giveUp.signal.aborted }),
    );
  }

  /** Embeds ahead what scoring will compare, while the candidate still speaks; what fails here is told when it is scored. */
  #prepare(run: Run, text = ""): void {
    const question = questionOf(this.#request.rubric, run.questionId);
    if (question?.kind !== "spoken") return;
    const prepared = this.#engines.then(async ({ embedder }) => {
      if ("engine" in embedder) await prepareSpoken({ question, language: run.language, text }, embedder.engine);
    });
    prepared.catch((error: unknown) => this.#log.debug({ err: error }, "nothing could be prepared for scoring"));
  }

  #complain(error: unknown, { part, given }: { part: string; given: boolean }): void {
    if (given) return;
    const fault = asFault(error);
    this.#log.error({ err: fault, part }, "a part of the analysis failed");
    this.#report({ report: "fault", fault: fault.code, part, message: fault.message });
  }

  async #conclude(answerId: string, run: Run, to: Millis): Promise<InferenceReport> {
    const observations = await run.analysis?.finish();
    run.giveUp.signal.throwIfAborted();
    if (observations === undefined) throw new Fault("internal", "the answer was never analysed");
    const score = await this.#score(
      { answerId, questionId: run.questionId },
      answerHeard(observations, { answerStartMillis: run.soundFrom ?? run.fromMillis }),
      observations,
    );
    // After the score, so that nothing of it can reach one.
    const { severalFaces, plugins, models } = run.sightings.sumUp(this.signals, { from: run.fromMillis, to });
    Object.assign(observations.plugins, plugins);
    Object.assign(observations.models, models);
    return { report: "analysed", answerId, observations: { ...observations, severalFaces }, score };
  }

  /** The score of an answer; where the scorer's engine fails, the answer is insufficient and says why. */
  async #score(
    which: { answerId: string; questionId: string },
    answer: Given,
    observations?: AnswerObservations,
  ): Promise<AnswerScore> {
    const { rubric, language } = this.#request;
    const spoken = this.#runs.get(which.answerId)?.language ?? language;
    const question = questionOf(rubric, which.questionId);
    if (question === undefined)
      throw new Fault("rubric.reference", `the rubric has no question ${JSON.stringify(which.questionId)}`);
    const { embedder } = await this.#engines;
    const input = {
      answerId: which.answerId,
      question,
      rubric,
      language: observations?.transcript?.language ?? spoken,
    };
    try {
      return await scoreAnswer(
        { ...input, answer },
        "engine" in embedder ? embedder.engine : absentEmbedder(embedder.fault),
      );
    } catch (error) {
      const fault = asFault(error, "inference.lost");
      this.#log.error({ err: fault, answerId: which.answerId }, "an answer could not be scored");
      observations?.faults.push(fault.code);
      return scoreAnswer({ ...input, answer: { kind: "failed", faults: [fault.code] } }, absentEmbedder(fault));
    }
  }
}
