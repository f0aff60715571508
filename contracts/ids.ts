import { z } from "zod";

/** Opaque: no `.` (a RabbitMQ routing key splits there), no `/`, `+`, `#` (MQTT), ASCII only. */
export const opaqueId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "1 to 64 of A-Z a-z 0-9 _ -, beginning with a letter or digit");

export const tenantId = opaqueId;
export const deviceId = opaqueId;
export const orderId = opaqueId;
export const sessionId = opaqueId;
export const eventId = opaqueId;
/** An id that comes from a bank or a rubric and never reaches a topic or a file name. */
export const localId = z.string().min(1).max(200);
