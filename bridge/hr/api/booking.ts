import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Fault } from "../../../contracts/fault.ts";
import { deviceId, opaqueId } from "../../../contracts/ids.ts";
import { timestamp } from "../../../runtime/clock.ts";
import { parse } from "../../../runtime/parse.ts";
import { bookSlot, cancelBooking, setHours, slotsOf } from "../booking.ts";
import { findOrder } from "../orders.ts";
import { type Booking, bookingOf } from "../slots.ts";
import type { Api } from "./api.ts";
import { callerOf } from "./door.ts";
import { bookingBody, slotQuery } from "./shapes.ts";

const devicePath = z.object({ deviceId });
const orderPath = z.object({ orderId: opaqueId });

const describe = ({ bookingId, deviceId, startsAt, endsAt }: Booking, revision: number): Record<string, unknown> => ({
  ...{ bookingId, deviceId, revision, startsAt: timestamp(startsAt), endsAt: timestamp(endsAt) },
});

export function addBookingRoutes(service: FastifyInstance, { issue, wake }: Api): void {
  const { store } = issue;
  const using = (request: object) => ({ caller: callerOf(request), issue });
  const device = (params: unknown): string =>
    parse(devicePath, params, { what: "the address", otherwise: "device.unknown" }).deviceId;
  const order = (params: unknown): string =>
    parse(orderPath, params, { what: "the address", otherwise: "order.unknown" }).orderId;

  service.put("/v1/devices/:deviceId/hours", async (request) => {
    await setHours(device(request.params), request.body, using(request));
    return { deviceId: device(request.params) };
  });
  service.get("/v1/devices/:deviceId/slots", async (request) => {
    const use = using(request);
    const { from, until } = parse(slotQuery, request.query, { what: "the query", otherwise: "use.invalid" });
    const slots = await slotsOf(device(request.params), { from, until }, use);
    return {
      slots: slots.map(({ startsAt, endsAt, free }) => ({
        ...{ startsAt: timestamp(startsAt), endsAt: timestamp(endsAt), free },
      })),
    };
  });
  service.put("/v1/orders/:orderId/booking", async (request, reply) => {
    const use = using(request);
    const { startsAt } = parse(bookingBody, request.body, { what: "the booking", otherwise: "use.invalid" });
    const { booking, revision, created } = await bookSlot(order(request.params), startsAt, use);
    wake();
    return reply.code(created ? 201 : 200).send(describe(booking, revision));
  });
  service.get("/v1/orders/:orderId/booking", async (request) => {
    const { caller } = using(request);
    const row = await findOrder(store, caller, order(request.params));
    const booking = await bookingOf(store, row);
    if (booking === undefined) throw new Fault("slot.unknown", "this order has no slot");
    return describe(booking, row.revision);
  });
  service.delete("/v1/orders/:orderId/booking", async (request) => {
    const cancelled = await cancelBooking(order(request.params), using(request));
    wake();
    return cancelled;
  });
}
