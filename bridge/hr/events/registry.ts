import { eventTypes } from "../../../contracts/envelope.ts";
import { onBirth } from "./birth.ts";
import type { Handler } from "./handler.ts";
import { onHelp } from "./help.ts";
import { onOrderAcknowledged } from "./order-acknowledged.ts";
import { onScorecard } from "./scorecard.ts";
import { onSessionState } from "./session-state.ts";

/** What hr does with each type of event; any other type is parked until a release knows it. */
export const handlers: Readonly<Record<string, Handler | undefined>> = {
  [eventTypes.birth]: onBirth,
  [eventTypes.orderAcknowledged]: onOrderAcknowledged,
  [eventTypes.sessionState]: onSessionState,
  [eventTypes.help]: onHelp,
  [eventTypes.scorecard]: onScorecard,
};
