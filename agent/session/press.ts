import { inLanguage } from "../../contracts/language.ts";
import type { ButtonName, View } from "../../contracts/screen.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { pressOnQuestion } from "../questions/registry.ts";
import { consentNow, type Draft, type Fact, questionNow, type Session } from "./state.ts";

/** What a button needs to know besides the session: the wall time it stamps a consent with, the device check, and the program on the page. */
export type Moment = { time: string; check: NonNullable<View["check"]>; draft?: Draft | undefined };

function consentBy(session: Session, button: ButtonName, { time }: Moment): Fact | undefined {
  const asked = consentNow(session);
  if (asked === undefined || (button !== "A" && button !== "B")) return undefined;
  const { purpose, textId, version } = asked;
  const hash = sha256(inLanguage(asked.text, session.language));
  return {
    type: "consentAnswered",
    consent: { purpose, textId, version, hash, language: session.language, given: button === "A", at: time },
  };
}

/** The fact that a press makes in this state, or none. `start` goes on, A agrees, B refuses; `help` and `repeat` hold anywhere. */
export function pressed(session: Session, button: ButtonName, moment: Moment): Fact | undefined {
  if (button === "help") return session.ended === undefined ? { type: "helpCalled", on: !session.help } : undefined;
  const question = questionNow(session);
  switch (session.stage) {
    case "notice":
      return button === "start" ? { type: "noticeRead" } : undefined;
    case "consent":
      return consentBy(session, button, moment);
    case "check": {
      const { microphone, camera } = moment.check;
      const usable = microphone === "good" || microphone === "tooQuiet";
      return button === "start" && usable ? { type: "deviceChecked", microphone, camera } : undefined;
    }
    case "question":
    case "answering":
      if (question === undefined) return undefined;
      return button === "repeat"
        ? { type: "questionRepeated", questionId: question.id }
        : pressOnQuestion(session, question, { button, draft: moment.draft });
    case "feedback":
    case "refused":
    case "withdrawn":
      return button === "start" ? { type: "closed" } : undefined;
    case "routing":
    case "analysing":
    case "closed":
      return undefined;
  }
}
