import rateLimit from "@fastify/rate-limit";
import { parse } from "../../../runtime/parse.ts";
import { forwardedEvent, internalPaths } from "../../internal.ts";
import { demandPeer } from "../../peer.ts";
import type { Service } from "../../service.ts";
import type { Intake } from "../intake.ts";
import type { IssueOptions } from "../issue.ts";
import type { Puller } from "../pull.ts";
import { addAccountRoutes } from "./accounts.ts";
import { addBookingRoutes } from "./booking.ts";
import { addCandidateRoutes } from "./candidates.ts";
import { addDoor, countedAs } from "./door.ts";
import { addHelpRoutes } from "./help.ts";
import { addOperateRoutes } from "./operate.ts";
import { addOrderRoutes } from "./orders.ts";
import { addResultRoutes } from "./results.ts";
import { addSourceRoutes } from "./sources.ts";
import { addUploadRoutes } from "./uploads.ts";

export type Api = {
  issue: IssueOptions;
  intake: Intake;
  puller: Puller;
  /** Something new waits in the outbox. */
  wake: () => void;
};

/** The API of HR systems, people and operators: tokens or sign-ins, rows of their tenant and branch only. */
export async function addApi(
  service: Service,
  api: Api,
  { requestsPerMinute }: { requestsPerMinute: number },
): Promise<void> {
  await service.register(async (scoped) => {
    await scoped.register(rateLimit, {
      max: requestsPerMinute,
      timeWindow: "1 minute",
      keyGenerator: (request) => countedAs(api.issue, request),
    });
    addDoor(scoped, api.issue);
    addAccountRoutes(scoped, api);
    addOrderRoutes(scoped, api);
    await addUploadRoutes(scoped, api);
    addResultRoutes(scoped, api);
    addCandidateRoutes(scoped, api);
    addOperateRoutes(scoped, api);
    addHelpRoutes(scoped, api);
    addBookingRoutes(scoped, api);
    addSourceRoutes(scoped, api);
  });
}

/** What relay, and only relay, may ask of hr. */
export function addInternalRoutes(service: Service, { intake }: Api): void {
  service.post(internalPaths.events, async (request) => {
    demandPeer(request.raw.socket, "relay");
    return intake.take(parse(forwardedEvent, request.body, { what: "the forwarded event" }));
  });
}
