import type { Localized } from "../../contracts/language.ts";
import type { CodeQuestion } from "../../contracts/rubric.ts";
import type { View } from "../../contracts/screen.ts";
import type { Millis } from "../../contracts/units.ts";
import { checkOf, type Live } from "./live.ts";
import { questionCount } from "./routing.ts";
import { answerLimit, answerNow, consentNow, type Draft, isRequired, questionNow, type Session } from "./state.ts";

/** What a code question shows besides its text: hidden cases stay here. */
function codeView(question: CodeQuestion, draft: Draft | undefined): NonNullable<View["question"]>["code"] {
  return {
    languages: question.languages.map((language) => ({ language, starter: question.starter[language] ?? "" })),
    examples: question.cases
      .filter(({ hidden }) => !hidden)
      .map(({ name, input, expected }) => ({ name, input, expected })),
    ...(draft?.questionId === question.id ? { written: draft.code } : {}),
  };
}

/** A view without the count that the screen gives it. */
export type Scene = { [K in keyof View as string extends K ? never : K extends "sequence" ? never : K]: View[K] };

/** `now`: monotonic milliseconds, `at`: the session's timeline, `draft`: the program on the page. */
export type Instant = { now: Millis; at: Millis; draft?: Draft | undefined };

function questionView(session: Session, { at, draft }: Instant): Pick<View, "question"> {
  const question = questionNow(session);
  if (question === undefined) return {};
  const open = answerNow(session);
  const limit = answerLimit(session, question) / 1000;
  // The time of a program runs while the question is asked.
  const from = question.kind === "code" ? session.since : open?.fromMillis;
  return {
    question: {
      questionId: question.id,
      number: session.asked + 1,
      of: questionCount(session),
      kind: question.kind,
      text: question.text,
      again: session.again,
      repeated: session.repeated,
      ...(question.kind === "choice"
        ? { options: question.options, chosen: [...session.chosen] }
        : { answerLimitSeconds: limit }),
      ...(question.kind === "code" ? { code: codeView(question, draft) } : {}),
      ...(from === undefined ? {} : { answeredSeconds: Math.max(0, (at - from) / 1000) }),
    },
  };
}

function consentView(session: Session): Pick<View, "consent"> {
  const asked = consentNow(session);
  if (asked === undefined) return {};
  const of = session.order.policy.consents.length;
  return {
    consent: {
      purpose: asked.purpose,
      text: asked.text,
      required: isRequired(asked),
      number: session.consents.length + 1,
      of,
    },
  };
}

/** What hardware trouble the candidate should know of while it matters to the answer. */
const troubleOf = (live: Live): Pick<View, "fault"> => {
  const fault = live.hardware.mic.fault ?? live.hardware.camera.fault;
  return fault === undefined ? {} : { fault };
};

/** What the page shows of a session. */
export function viewOf(session: Session, live: Live, instant: Instant, feedback: readonly Localized[]): Scene {
  const base: Scene = {
    show: session.stage === "closed" ? "waiting" : session.stage,
    language: session.language,
    recording: false,
    help: session.help,
  };
  const { policy, candidate } = session.order;
  switch (session.stage) {
    case "notice":
      return { ...base, candidateName: candidate.name, notice: policy.notice };
    case "consent":
      return { ...base, ...consentView(session), alternative: policy.alternative };
    case "check":
      return { ...base, check: checkOf(live, instant.now), ...troubleOf(live), advice: live.framing?.advice ?? "none" };
    case "question":
    case "answering": {
      const recording = live.keeping.mic !== undefined || live.keeping.camera !== undefined;
      const level = live.keeping.mic === undefined || live.level === undefined ? {} : { level: live.level };
      return {
        ...base,
        ...questionView(session, instant),
        recording,
        ...level,
        ...troubleOf(live),
        advice: live.framing?.advice ?? "none",
      };
    }
    case "feedback":
      return { ...base, feedback: [...feedback] };
    case "refused":
    case "withdrawn":
      return { ...base, alternative: policy.alternative };
    case "routing":
    case "analysing":
    case "closed":
      return base;
  }
}
