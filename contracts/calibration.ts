import { z } from "zod";
import { localId, opaqueId } from "./ids.ts";
import { rubric } from "./rubric.ts";

/** What became of one candidate, beside the scores of then: all 0 to 1. */
export const outcome = z.object({
  candidateRef: z.string().min(1),
  competencies: z.record(z.string(), z.number().min(0).max(1)),
  outcome: z.number().min(0).max(1),
});
export type Outcome = z.infer<typeof outcome>;

const percent = z.number().min(0).max(100);

/** One competency's weight, in percent: as it is, as the outcomes alone would have it, as proposed. */
export const proposedWeight = z.object({
  competency: localId,
  current: percent,
  fitted: percent,
  /** 95 %, of `fitted`, from samples of the candidates with replacement. */
  interval: z.tuple([percent, percent]),
  proposed: percent,
});
export type ProposedWeight = z.infer<typeof proposedWeight>;

/**
 * New weights for a rubric, with what they rest on. A proposal changes nothing: a person approves it, and the rubric that
 * comes of that has a version of its own; so has the one that takes it back.
 */
export const weightProposal = z.object({
  type: z.literal("candor.weightProposal"),
  version: z.literal(1),
  /** The rubric it was made for, and no other. */
  basedOn: z.object({ id: opaqueId, version: z.number().int().positive(), hash: z.string() }),
  candidates: z.number().int().positive(),
  weights: z.array(proposedWeight).min(1),
  /** How the total goes with the outcome (Pearson's r), now and as proposed, over candidates not used for the fit. */
  fit: z.object({
    current: z.number(),
    proposed: z.number(),
    gain: z.number(),
    interval: z.tuple([z.number(), z.number()]),
  }),
  /** False where the gain cannot be told from none: better leave the weights as they are. */
  advised: z.boolean(),
  settings: z.object({
    largestChange: z.number(),
    priorCandidates: z.number(),
    draws: z.number().int(),
    seed: z.number().int(),
  }),
  /** The rubric as it would be, one version on. */
  rubric,
});
export type WeightProposal = z.infer<typeof weightProposal>;
