import { type Receipt, receipt, relayKeyStatement, signedTypes } from "../contracts/envelope.ts";
import { Fault } from "../contracts/fault.ts";
import type { Identity } from "../contracts/identity.ts";
import { parse } from "../runtime/parse.ts";
import { fromBase64url, verifyWithKey } from "../runtime/seal.ts";
import type { Outbox } from "./outbox.ts";

/** What a compact JWS claims, before anyone has checked it: only to find the key to check it with. */
function claimed(token: string): { relayKey?: unknown } {
  try {
    return JSON.parse(fromBase64url(token.split(".")[1] ?? "").toString("utf8")) as { relayKey?: unknown };
  } catch (error) {
    throw new Fault("signature.missing", "a signed receipt was expected; this is not a signature (compact JWS)", {
      cause: error,
    });
  }
}

/**
 * A receipt by the centre, or by relay whose key the centre has certified. Relay may say `stored` and `parked`; that
 * HR can read an event only the centre can say.
 * @throws Fault signature.missing, signature.invalid, certificate.expired, message.malformed
 */
export async function readReceipt(
  token: string,
  identity: Pick<Identity, "centre" | "tenantId" | "deviceId">,
): Promise<Receipt> {
  const { relayKey } = claimed(token);
  let key = identity.centre;
  let until = Number.POSITIVE_INFINITY;
  if (relayKey !== undefined) {
    const said = await verifyWithKey(String(relayKey), { key: identity.centre, type: signedTypes.relayKey });
    const statement = parse(relayKeyStatement, said, { what: "the statement on relay's key" });
    key = statement.key;
    until = statement.exp * 1000;
  }
  const found = parse(receipt, await verifyWithKey(token, { key, type: signedTypes.receipt }), { what: "a receipt" });
  if (found.tenantId !== identity.tenantId || found.deviceId !== identity.deviceId)
    throw new Fault("signature.invalid", "the receipt is for another device");
  if (relayKey !== undefined && found.state === "accepted")
    throw new Fault("signature.invalid", "relay cannot say that HR has accepted an event");
  // Judged by the centre's own stamp: the device's clock may be wrong.
  if (Date.parse(found.at) > until)
    throw new Fault(
      "certificate.expired",
      "the centre's statement on relay's key had run out when the receipt was made",
    );
  return found;
}

/**
 * Does what a verified receipt says. That HR has accepted is noted before the event leaves the outbox: a plug pulled in
 * between has the event sent and accepted once more, the other way round the session would never be released.
 */
export async function settle(
  found: Pick<Receipt, "eventId" | "state">,
  { outbox, onAccepted }: { outbox: Outbox; onAccepted: (sessionId: string, eventId: string) => Promise<void> },
): Promise<void> {
  const sessionId = outbox.find(found.eventId)?.entry.sessionId;
  if (found.state === "accepted" && sessionId !== undefined) await onAccepted(sessionId, found.eventId);
  await outbox.settle(found);
}
