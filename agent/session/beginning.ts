import { asked, readOut } from "./asking.ts";
import type { Effect } from "./effect.ts";
import { endEarly } from "./ending.ts";
import { helpTold } from "./standing.ts";
import { consentNow, enter, type Handlers, isRequired, type Session } from "./state.ts";

const both = ["mic", "camera"] as const;

/** From the notice to the first question. Neither camera nor microphone is open before the candidate has agreed. */
export const beginningEvents: Handlers<
  "languageChosen" | "noticeRead" | "consentAnswered" | "deviceChecked" | "questionRepeated" | "helpCalled" | "framed"
> = {
  languageChosen: (session, { language }) => {
    const next: Session = { ...session, language };
    return [next, readOut(next)];
  },

  noticeRead: (session, { at }) => (session.stage === "notice" ? [enter(session, "consent", at), []] : [session, []]),

  consentAnswered: (session, { consent, at }) => {
    const asked = consentNow(session);
    if (session.stage !== "consent" || asked === undefined || asked.purpose !== consent.purpose) return [session, []];
    const answered: Session = { ...session, consents: [...session.consents, consent] };
    if (!consent.given && isRequired(asked)) return endEarly(answered, "refused", at);
    if (consentNow(answered) !== undefined) return [answered, []];
    const effects: Effect[] = [{ do: "openAnalysis" }, { do: "watch", streams: both }, { do: "look", on: true }];
    return [enter(answered, "check", at), effects];
  },

  deviceChecked: (session, { at }) => {
    if (session.stage !== "check") return [session, []];
    const next = enter(session, "question", at);
    return [next, asked(next)];
  },

  // While an answer is recorded a repeated question is only shown.
  questionRepeated: (session) => [{ ...session, repeated: session.repeated + 1 }, readOut(session)],

  // In an answer the speaker is silent, and stays so.
  helpCalled: (session, { on }) => {
    const next: Session = { ...session, help: on, helpCalls: session.helpCalls + (on ? 1 : 0) };
    return [next, [...helpTold(next), ...(session.stage === "question" ? [{ do: "duck" as const, on }] : [])]];
  },

  framed: (session, { framing }) => [{ ...session, framing: [...session.framing, framing] }, []],
};
