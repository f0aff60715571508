import { Fault } from "../../contracts/fault.ts";
import type { SessionEvent, SessionEventOf } from "../../contracts/journal.ts";
import { questionEvents } from "../questions/registry.ts";
import { answerEvents } from "./answering.ts";
import { beginningEvents } from "./beginning.ts";
import { endingEvents } from "./ending.ts";
import { standing } from "./standing.ts";
import { answerNow, type Decision, enter, type Handlers, opened, type Session, withAnswer } from "./state.ts";

type Later = Exclude<SessionEvent["type"], "opened">;

/** A cut attempt is abandoned and its question asked again; all else goes on where it stood. */
function resumed(session: Session, event: SessionEventOf<"resumed">): Decision {
  const moved: Session = { ...session, bootId: event.bootId, origin: event.origin };
  const cut = answerNow(moved);
  const again: Session =
    cut === undefined
      ? moved
      : {
          ...enter(
            withAnswer(moved, cut.answerId, { state: "abandoned", toMillis: event.since }),
            "question",
            event.at,
          ),
          again: true,
        };
  return [again, standing(again)];
}

const handlers: Handlers<Later> = { ...beginningEvents, ...questionEvents, ...answerEvents, ...endingEvents, resumed };

/** The first decision of a session. */
export function begin(event: SessionEventOf<"opened">): Decision {
  const session = opened(event);
  return [session, standing(session)];
}

/** What a fact makes of a session, and what is to be done. Pure: no clock, no waiting, no log. */
export function decide(session: Session, event: SessionEvent): Decision {
  if (event.type === "opened") return [session, []];
  const handle = handlers[event.type] as (session: Session, event: SessionEvent) => Decision;
  const [next, effects] = handle(session, event);
  if (next.ended !== undefined && session.ended !== undefined) return [next, effects];
  return [{ ...next, lastAt: event.at, lastTime: event.time }, effects];
}

/** The session that a journal tells of. @throws Fault journal.broken when it does not begin with its opening */
export function fold(events: readonly SessionEvent[]): Session {
  const [first, ...rest] = events;
  if (first?.type !== "opened")
    throw new Fault("journal.broken", "the journal does not begin with the opening of a session");
  return rest.reduce<Session>((session, event) => decide(session, event)[0], begin(first)[0]);
}
