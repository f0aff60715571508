/** Names on the wire. Ids are opaque; the broker's ACL is per device. QoS 1; only `health` is retained, and it names no person. */
const base = (tenantId: string, deviceId: string): string => `candor/v1/${tenantId}/${deviceId}`;

export const topics = {
  /** device → centre: every CloudEvent the outbox sends */
  events: (tenantId: string, deviceId: string): string => `${base(tenantId, deviceId)}/events`,
  /** device → centre, retained; the will says offline */
  health: (tenantId: string, deviceId: string): string => `${base(tenantId, deviceId)}/health`,
  /** centre → device: orders, cancellations */
  orders: (tenantId: string, deviceId: string): string => `${base(tenantId, deviceId)}/orders`,
  /** centre → device: receipts */
  receipts: (tenantId: string, deviceId: string): string => `${base(tenantId, deviceId)}/receipts`,
  /** what relay listens to */
  everyEvent: "candor/v1/+/+/events",
  everyHealth: "candor/v1/+/+/health",
} as const;

/** tenantId and deviceId of a topic, or undefined where it is not one of ours. */
export function ownerOf(topic: string): { tenantId: string; deviceId: string; leaf: string } | undefined {
  const [product, version, tenantId, deviceId, leaf, ...rest] = topic.split("/");
  if (product !== "candor" || version !== "v1" || !tenantId || !deviceId || !leaf || rest.length > 0) return undefined;
  return { tenantId, deviceId, leaf };
}
