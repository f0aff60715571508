import { Fault } from "../../contracts/fault.ts";
import { scorecardEventId } from "../session/state.ts";
import type { Executors } from "./context.ts";

/** What becomes of the session's folder, and when it is looked at again. */
export const keepingExecutors: Executors<"wipeContent" | "wake" | "close"> = {
  wipeContent: async (_effect, { folder, session }) => folder.destroyContent(session().order.recipients),

  wake: (effect, { wake }) => wake(effect),

  /** Without its keys the device can never make the scorecard again: they go only when it is on the disk or with HR. */
  close: async (_effect, { folder, session, outbox, store, closed }) => {
    const { sessionId } = session();
    if (!store.isAccepted(sessionId) && !outbox.has(scorecardEventId(sessionId, 1)))
      throw new Fault(
        "delivery.failed",
        "the scorecard is not in the outbox yet, so the session stays open: see the fault that keeps it from the disk",
      );
    await folder.forget();
    await closed();
  },
};
