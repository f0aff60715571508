import { toBase64url } from "../../runtime/seal.ts";
import type { Executors } from "./context.ts";

/** What inference is told. */
export const analysisExecutors: Executors<
  | "look"
  | "openAnalysis"
  | "beginAnalysis"
  | "passSegment"
  | "endAnalysis"
  | "analyseChoice"
  | "choose"
  | "analyseCode"
  | "joinScores"
  | "closeAnalysis"
> = {
  look: ({ on }, { inference, picturesPath, session }) =>
    inference(on ? { do: "look", on, from: picturesPath, sessionStart: session().origin } : { do: "look", on }),

  openAnalysis: (_effect, { inference, folder, session }) => {
    const content = folder.keys.content;
    if (content === undefined) return;
    const { sessionId, language, order, origin, consents } = session();
    inference({
      do: "open",
      sessionId,
      folder: folder.media,
      key: toBase64url(content),
      language,
      rubric: order.rubric,
      // Signals that the policy forbids are not loaded for this session.
      bannedSignals: order.policy.bannedSignals,
      // Each was asked about by itself.
      plugins: order.policy.plugins.filter((id) => consents.some(({ purpose, given }) => purpose === id && given)),
      withoutDelivery: order.accommodation !== undefined,
      sessionStart: origin,
    });
  },

  beginAnalysis: ({ answerId, questionId, fromMillis, shownMillis, language }, { inference, session, speaker }) => {
    const silentAt =
      speaker.silentSince === undefined ? Number.NEGATIVE_INFINITY : speaker.silentSince - session().origin;
    // A prompt that ended before the question was shown was that of another one.
    const asked =
      silentAt > shownMillis
        ? { atMillis: Math.min(silentAt, fromMillis), by: "readOut" as const }
        : { atMillis: shownMillis, by: "shown" as const };
    inference({ do: "begin", answerId, questionId, fromMillis, asked, language });
  },

  passSegment: ({ segment }, { inference }) => inference({ do: "segment", segment }),

  endAnalysis: ({ answerId, toMillis }, { inference }) => inference({ do: "end", answerId, toMillis }),

  analyseChoice: ({ answerId, questionId, chosen }, { inference }) =>
    inference({ do: "choice", answerId, questionId, chosen: [...chosen] }),

  choose: ({ position, asked, answers }, { inference, session }) =>
    inference({
      do: "next",
      sessionId: session().sessionId,
      position,
      asked: [...asked],
      answers: [...answers],
    }),

  analyseCode: ({ answerId, questionId, source, judgement }, { inference }) =>
    inference({ do: "code", answerId, questionId, source, judgement }),

  joinScores: ({ answers }, { inference, session }) =>
    inference({ do: "score", sessionId: session().sessionId, answers: [...answers] }),

  closeAnalysis: (_effect, { inference, session }) => inference({ do: "close", sessionId: session().sessionId }),
};
