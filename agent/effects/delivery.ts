import { eventTypes, signedTypes } from "../../contracts/envelope.ts";
import { seal, sign } from "../../runtime/seal.ts";
import { scorecardOf } from "../session/card.ts";
import type { Context, Executors } from "./context.ts";

/** Signed by the device, sealed to HR and recovery; the outbox signs it again outside. */
async function sealedCard({ session, folder, journal, identity, time }: Context, revision: number): Promise<object> {
  const { deviceId, keyPem, certificatePem } = identity;
  const card = scorecardOf(session(), {
    deviceId,
    revision,
    quality: time.quality(),
    wrappedKey: folder.wrapped,
    journal: journal.snapshot(),
  });
  const signed = await sign(card, { key: { keyPem, certificatePem }, type: signedTypes.scorecard });
  return seal(signed, session().order.recipients);
}

/** What goes to the centre. Ids follow from the journal: an event that is already in the outbox stays as it is. */
export const deliveryExecutors: Executors<"sendState" | "sendHelp" | "sendScorecard" | "markOrder"> = {
  sendState: async ({ eventId, state, revision }, { outbox, session, store }) => {
    const { sessionId, orderId } = session();
    if (store.isAccepted(sessionId)) return;
    const payload = { sessionId, orderId, state, revision };
    await outbox.put({ eventId, type: eventTypes.sessionState, payload, until: "stored" });
  },

  sendHelp: async ({ eventId, requestId, state }, { outbox, session }) => {
    const { sessionId, orderId } = session();
    const payload = { sessionId, orderId, requestId, state };
    await outbox.put({ eventId, type: eventTypes.help, payload, until: "stored" });
  },

  sendScorecard: async ({ eventId, revision }, context) => {
    const { folder, session } = context;
    const { sessionId, ended, order } = session();
    if (context.outbox.has(eventId) || context.store.isAccepted(sessionId)) return;
    // Whatever kept it from being wiped before: nobody may get the key of what was refused or withdrawn.
    if (ended !== "complete" && folder.keys.content !== undefined) await folder.destroyContent(order.recipients);
    const payload = { sessionId, revision, sealed: await sealedCard(context, revision) };
    await context.outbox.put({ eventId, type: eventTypes.scorecard, payload, until: "accepted", sessionId });
  },

  markOrder: async ({ state }, { orders, session }) => orders.mark(session().orderId, state),
};
