import { type Envelope, signedTypes } from "../contracts/envelope.ts";
import { Fault } from "../contracts/fault.ts";
import { deviceId as deviceIdOf, tenantId as tenantIdOf } from "../contracts/ids.ts";
import type { EpochMillis } from "../contracts/units.ts";
import { verifyWithCertificate } from "../runtime/seal.ts";

/** An event whose signature holds and covers whose it is and which event. */
export type DeviceEvent = {
  tenantId: string;
  deviceId: string;
  eventId: string;
  type: string;
  payload: Record<string, unknown>;
};

/** tenantId and deviceId of a device's `source`. @throws Fault message.malformed */
export function deviceOfSource(source: string): { tenantId: string; deviceId: string } {
  const [product, tenant, device, ...rest] = source.split("/");
  const tenantId = tenantIdOf.safeParse(tenant);
  const deviceId = deviceIdOf.safeParse(device);
  if (product !== "candor" || rest.length > 0 || !tenantId.success || !deviceId.success)
    throw new Fault("message.malformed", "the envelope's source is not candor/{tenantId}/{deviceId}", {
      field: "source",
    });
  return { tenantId: tenantId.data, deviceId: deviceId.data };
}

/**
 * Source, certificate and signed content must name the same device and event, so that nobody passes another's event for
 * his own. @throws Fault message.malformed, signature.missing, signature.invalid, certificate.untrusted, certificate.expired
 */
export async function verifyOrigin(
  envelope: Envelope,
  trust: { authorityPem: string; at: EpochMillis },
): Promise<DeviceEvent> {
  const { tenantId, deviceId } = deviceOfSource(envelope.source);
  const { payload, subject } = await verifyWithCertificate(envelope.data, {
    authorityPem: trust.authorityPem,
    type: signedTypes.event,
    atMillis: trust.at,
  });
  if (subject !== `${tenantId}:${deviceId}`)
    throw new Fault("signature.invalid", "the event is signed by another device than its source names", {
      field: "source",
    });
  const mismatch = Object.entries({ tenantId, deviceId, eventId: envelope.id }).find(
    ([name, value]) => payload[name] !== value,
  );
  if (mismatch !== undefined)
    throw new Fault("signature.invalid", `what is signed names another ${mismatch[0]} than the envelope`, {
      field: mismatch[0],
    });
  return { tenantId, deviceId, eventId: envelope.id, type: envelope.type, payload };
}
