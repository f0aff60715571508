import type { Effect } from "./effect.ts";
import { endEarly } from "./ending.ts";
import { consentNow, enter, type Handlers, isRequired, type Session } from "./state.ts";

const both = ["mic", "camera"] as const;

/** From the notice to the first question. Neither camera nor microphone is open before the candidate has agreed. */
export const beginningEvents: Handlers<
  "languageChosen" | "noticeRead" | "consentAnswered" | "deviceChecked" | "questionRepeated" | "helpCalled" | "framed"
> = {
  languageChosen: (session, { language }) => [{ ...session, language }, []],

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

  deviceChecked: (session, { at }) =>
    session.stage === "check" ? [enter(session, "question", at), []] : [session, []],

  questionRepeated: (session) => [{ ...session, repeated: session.repeated + 1 }, []],

  helpCalled: (session, { on }) => [{ ...session, help: on }, []],

  framed: (session, { framing }) => [{ ...session, framing: [...session.framing, framing] }, []],
};
