import { type Answer, finalAnswers, type Session } from "../../agent/session/state.ts";
import { Fault } from "../../contracts/fault.ts";
import type { InferenceReport } from "../../contracts/inference.ts";
import type { AnswerObservations } from "../../contracts/observation.ts";
import type { SessionScore } from "../../contracts/scoring.ts";
import { recognisers } from "../../inference/engines/registry.ts";
import { type Engines, openEngines } from "../../inference/equipment.ts";
import { differencesOf, type ScoreDifference, type Scored } from "../../inference/scoring/compare.ts";
import { InferenceSession } from "../../inference/session.ts";
import { silentLog } from "../../runtime/log.ts";
import { toBase64url } from "../../runtime/seal.ts";
import { type OpenedRecording, openRecording, type RecordingFiles } from "./sealed.ts";

export type Rescore = {
  sessionId: string;
  /** True where the canonical bytes are those that the device's journal holds. */
  same: boolean;
  canonical: string;
  score: SessionScore;
  differences: ScoreDifference[];
  damaged: OpenedRecording["damaged"];
};

type Analysed = Extract<InferenceReport, { report: "analysed" }>;

/** Says where each report goes: to whom waits for that answer, or for the whole. */
class Reports {
  readonly #waiting = new Map<string, { resolve: (report: InferenceReport) => void; reject: (fault: Fault) => void }>();

  take(report: InferenceReport): void {
    const key = report.report === "analysed" ? report.answerId : report.report === "scored" ? "scoring" : undefined;
    if (key !== undefined) this.#waiting.get(key)?.resolve(report);
    if (report.report === "fault")
      this.#waiting.get(report.part)?.reject(new Fault("inference.lost", `${report.part}: ${report.message}`));
  }

  next(key: string): Promise<InferenceReport> {
    return new Promise((resolve, reject) => this.#waiting.set(key, { resolve, reject }));
  }
}

/** Hears one answer again, as the device did. */
function hearAgain(inference: InferenceSession, session: Session, answer: Answer): void {
  const { answerId, questionId, fromMillis, language } = answer;
  if (answer.kind === "choice") {
    inference.choice({ do: "choice", answerId, questionId, chosen: [...(answer.chosen ?? [])] });
    return;
  }
  inference.begin({ do: "begin", answerId, questionId, fromMillis, language });
  const sound = session.segments.filter((one) => one.stream === "mic" && one.answerId === answerId);
  for (const segment of sound.sort((a, b) => a.index - b.index)) inference.segment({ do: "segment", segment });
  inference.end({ do: "end", answerId, toMillis: answer.toMillis ?? session.lastAt });
}

/** The recogniser that the device used, by the model hashes of its scorecard. */
const recogniserOf = ({ card }: OpenedRecording): string | undefined =>
  recognisers.find(({ name }) => Object.hasOwn(card.versions.models, name))?.name;

async function scoreAgain(recording: OpenedRecording, engines: Engines): Promise<Scored & { canonical: string }> {
  const { session, card, media, content } = recording;
  const reports = new Reports();
  const { order } = session;
  const inference = new InferenceSession(
    {
      do: "open",
      sessionId: card.sessionId,
      folder: media,
      key: toBase64url(content),
      language: session.language,
      rubric: order.rubric,
      bannedSignals: order.policy.bannedSignals,
      // Signals that no score reads: a recording is scored without them.
      plugins: [],
      withoutDelivery: order.accommodation !== undefined,
      sessionStart: session.origin,
    },
    { engines: Promise.resolve(engines), report: (report) => reports.take(report), log: silentLog() },
  );
  const analysed: Analysed[] = [];
  // One after the other: two answers at once would hold the sound of both.
  for (const answer of finalAnswers(session)) {
    const report = reports.next(answer.answerId);
    hearAgain(inference, session, answer);
    analysed.push((await report) as Analysed);
  }
  const whole = reports.next("scoring");
  await inference.score({ do: "score", sessionId: card.sessionId, answers: analysed.map((one) => one.score) });
  const scored = await whole;
  inference.drop();
  if (scored.report !== "scored") throw new Fault("internal", "a score was expected and another report came");
  const heard = analysed.map(({ answerId, observations }) => ({ answerId, observations }));
  return { score: scored.score, canonical: scored.canonical, transcripts: transcriptsOf(heard) };
}

const transcriptsOf = (
  answers: readonly { answerId: string; observations: AnswerObservations | null }[],
): Map<string, string> =>
  new Map(
    answers.flatMap(({ answerId, observations }) =>
      observations?.transcript == null ? [] : [[answerId, observations.transcript.text] as const],
    ),
  );

/**
 * Scores a sealed recording again, with the models of this machine, and says what differs from the scorecard beside it.
 * @throws Fault what `openRecording` does, model.missing, model.corrupt, use.invalid for a session without a score
 */
export async function rescoreRecording(
  files: RecordingFiles,
  { models, threads = 2 }: { models?: string | undefined; threads?: number } = {},
): Promise<Rescore> {
  const recording = await openRecording(files);
  const { card } = recording;
  if (card.score === null)
    throw new Fault(
      "use.invalid",
      `the session ended as ${card.ended} without a score: there is nothing to compare with`,
      {
        field: "score",
      },
    );
  const recogniser = recogniserOf(recording);
  const engines = await openEngines({
    which: ["voiceActivity", "recogniser", "embedder"],
    threads,
    ...(models === undefined ? {} : { modelsDirectory: models }),
    ...(recogniser === undefined ? {} : { recogniser }),
  });
  try {
    for (const part of [engines.voiceActivity, engines.recogniser, engines.embedder])
      if ("fault" in part)
        throw new Fault(
          part.fault.code,
          `${part.fault.message}; run "candor models fetch", or name the folder with --models`,
          {
            cause: part.fault,
          },
        );
    const again = await scoreAgain(recording, engines);
    return {
      sessionId: card.sessionId,
      same: recording.canonical === again.canonical,
      canonical: again.canonical,
      score: again.score,
      differences: differencesOf({ score: card.score, transcripts: transcriptsOf(card.answers) }, again),
      damaged: recording.damaged,
    };
  } finally {
    await engines.close();
  }
}
