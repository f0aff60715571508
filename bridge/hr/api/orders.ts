import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { opaqueId } from "../../../contracts/ids.ts";
import { largestOrderBytes } from "../../../contracts/order.ts";
import { type Clock, timestamp } from "../../../runtime/clock.ts";
import { parse } from "../../../runtime/parse.ts";
import { drawCheckIn, makeCheckIn } from "../check-in.ts";
import type { IssueOptions } from "../issue.ts";
import { cancelOrder, findOrder, type OrderRow, ordersOf, placeOrder, stateAt } from "../orders.ts";
import { type Status, statusesOf, statusLabels } from "../status.ts";
import type { Api } from "./api.ts";
import { callerOf } from "./door.ts";
import { checkInQuery } from "./shapes.ts";

const orderPath = z.object({ orderId: opaqueId });

/** An order without its person: ids, state and times by the centre's clock. */
export function describeOrder(row: OrderRow, clock: Clock): Record<string, unknown> {
  const at = (time: number | null): string | null => (time === null ? null : timestamp(time));
  const { orderId, revision, deviceId, branch, sessionId, fault } = row;
  return {
    ...{ orderId, revision, state: stateAt(row, clock.wall()), deviceId, branch, sessionId, fault },
    ...{
      issuedAt: at(row.issuedAt),
      deliveredAt: at(row.deliveredAt),
      startedAt: at(row.startedAt),
      endedAt: at(row.endedAt),
    },
    ...{ cancelledAt: at(row.cancelledAt), expiresAt: at(row.expiresAt) },
  };
}

/** Sealed an order grows to two and a half times, far below what the broker takes. */
const orderLimit = { bodyLimit: largestOrderBytes };

export function addOrderRoutes(service: FastifyInstance, { issue, wake }: Api): void {
  const { store, clock }: IssueOptions = issue;
  const orderId = (params: unknown): string =>
    parse(orderPath, params, { what: "the address", otherwise: "order.unknown" }).orderId;

  service.post("/v1/orders", orderLimit, async (request, reply) => {
    const { created, ...summary } = await placeOrder(request.body, callerOf(request), issue);
    wake();
    return reply.code(created ? 201 : 200).send(summary);
  });
  service.get("/v1/orders", async (request) => {
    const rows = await ordersOf(store, callerOf(request));
    return { orders: rows.map((row) => describeOrder(row, clock)) };
  });
  service.get("/v1/orders/:orderId", async (request) => {
    const row = await findOrder(store, callerOf(request), orderId(request.params));
    const statuses = (await statusesOf(store, row)).map(({ revision, status, sessionId, at }) => {
      return { revision, status, label: statusLabels[status as Status], sessionId, at: timestamp(at) };
    });
    return { ...describeOrder(row, clock), statuses };
  });
  service.post("/v1/orders/:orderId/cancel", async (request) => {
    const summary = await cancelOrder(orderId(request.params), callerOf(request), issue);
    wake();
    return summary;
  });
  // A GET, so that a page can show it as a picture; but each makes a code that opens the interview, and an audit entry.
  service.get("/v1/orders/:orderId/check-in", async (request, reply) => {
    const asker = callerOf(request);
    const { format } = parse(checkInQuery, request.query, { what: "the query", otherwise: "use.invalid" });
    const code = await makeCheckIn(orderId(request.params), asker, issue);
    reply.header("cache-control", "no-store");
    if (format === "json") return code;
    const drawn = await drawCheckIn(code.text);
    return format === "png" ? reply.type("image/png").send(drawn.png) : reply.type("image/svg+xml").send(drawn.svg);
  });
}
