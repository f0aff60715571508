import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { opaqueId } from "../../../contracts/ids.ts";
import { parse } from "../../../runtime/parse.ts";
import { deleteCandidate } from "../deletion.ts";
import type { Api } from "./api.ts";
import { callerOf } from "./door.ts";

const candidatePath = z.object({ candidateRef: opaqueId });

export function addCandidateRoutes(service: FastifyInstance, { issue, wake }: Api): void {
  service.post("/v1/candidates/:candidateRef/delete", async (request) => {
    const caller = callerOf(request);
    const { candidateRef } = parse(candidatePath, request.params, {
      what: "the address",
      otherwise: "candidate.unknown",
    });
    const deleted = await deleteCandidate(candidateRef, caller, issue);
    wake();
    return deleted;
  });
}
