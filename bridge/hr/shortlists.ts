import { decodeJwt } from "jose";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { scorecard } from "../../contracts/scorecard.ts";
import type { Interval, SessionScore } from "../../contracts/scoring.ts";
import { composite, compositeFormula, type Factor, flagOf, shortlist, smallest } from "../../inference/scoring/rank.ts";
import { parse } from "../../runtime/parse.ts";
import type { Caller } from "./access.ts";
import { standingOf } from "./judgements.ts";
import { type HrStore, ofBranch } from "./store.ts";

/** `depth:2,clarity:1` as pairs. */
const pairs = (most: number) =>
  z
    .string()
    .regex(/^[^:,]+:\d+(\.\d+)?(,[^:,]+:\d+(\.\d+)?)*$/, "names and figures such as depth:2,clarity:1")
    .transform((text) =>
      text.split(",").map((one) => ({ name: one.split(":")[0] ?? "", figure: Number(one.split(":")[1]) })),
    )
    .refine((all) => all.every(({ figure }) => figure <= most), `at most ${most}`)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "each name once");

/** `weights` and `thresholds` name competencies, or `total`. */
export const shortlistQuery = z.strictObject({
  share: z.coerce.number().gt(0).max(1).default(0.2),
  weights: pairs(1000)
    .refine((all) => all.every(({ figure }) => figure > 0), "above 0")
    .default([{ name: "total", figure: 1 }]),
  thresholds: pairs(1).default([]),
});

type Value = { score: number | null; interval: Interval; by: string | null };
/** A session's scores as they hold now, by competency, and `total`. */
export type Held = {
  sessionId: string;
  branch: string;
  candidateRef: string;
  score: SessionScore;
  values: Record<string, Value>;
};

/** The newest scorecard of each session that has a score, with what people made of it. */
export async function heldScores(store: HrStore, { tenantId, branch }: Caller): Promise<Held[]> {
  const cards = await store
    .selectFrom("scorecards")
    .select(["sessionId", "branch", "token"])
    .where("tenantId", "=", tenantId)
    .where(ofBranch(branch))
    .orderBy("revision")
    .orderBy("receivedAt")
    .execute();
  const judged = await store
    .selectFrom("judgements")
    .select(["sessionId", "kind", "competency", "score", "accountId"])
    .where("tenantId", "=", tenantId)
    .where(ofBranch(branch))
    .orderBy("place")
    .execute();
  const judgements = new Map<string, typeof judged>();
  for (const one of judged) judgements.set(one.sessionId, [...(judgements.get(one.sessionId) ?? []), one]);
  return [...new Map(cards.map((one) => [one.sessionId, one])).values()].flatMap((row) => {
    const what = { what: "a stored scorecard", otherwise: "internal" } as const;
    const { score, candidateRef } = parse(scorecard, decodeJwt(row.token), what);
    if (score === null) return [];
    const intervals = [score.interval, ...score.competencies.map(({ interval }) => interval)];
    const machine = [
      { of: null, score: score.total },
      ...score.competencies.map((one) => ({ of: one.competency, score: one.score })),
    ];
    const values = standingOf(machine, judgements.get(row.sessionId) ?? []).map(({ of, holds, by }, at) => {
      // Whoever overrides a score names a point: the machine's interval was of its own score.
      const interval: Interval = by !== null && holds !== null ? [holds, holds] : (intervals[at] ?? [0, 1]);
      return [of ?? "total", { score: holds, interval, by }] as const;
    });
    const { sessionId } = row;
    return [{ sessionId, branch: row.branch, candidateRef, score, values: Object.fromEntries(values) }];
  });
}

/** The composite of one end of each interval: as if all inputs erred the same way, so never too narrow. */
const end = (factors: readonly Factor[], { values }: Held, at: 0 | 1): number =>
  composite(factors, Object.fromEntries(Object.entries(values).map(([name, one]) => [name, one.interval[at]]))) ?? at;

/**
 * Who of a rubric's newest version stands first, as a proposal that a person confirms; whose evidence does not suffice
 * stands apart. @throws Fault event.unknown, use.invalid
 */
export async function shortlistOf(store: HrStore, caller: Caller, asked: { rubricId: string; query: unknown }) {
  const all = (await heldScores(store, caller)).filter(({ score }) => score.rubricId === asked.rubricId);
  if (all.length === 0) throw new Fault("event.unknown", "there is no scorecard of this rubric here");
  const wanted = parse(shortlistQuery, asked.query, { what: "the query", otherwise: "use.invalid" });
  const rubricVersion = Math.max(...all.map(({ score }) => score.rubricVersion));
  const held = all.filter(({ score }) => score.rubricVersion === rubricVersion);
  const known = new Set(held.flatMap(({ values }) => Object.keys(values)));
  for (const { name } of [...wanted.weights, ...wanted.thresholds])
    if (!known.has(name)) throw new Fault("use.invalid", "the rubric has no such competency", { field: name });
  const factors = wanted.weights.map(({ name, figure }) => ({ name, weight: figure, from: 0, to: 1 }));
  const seen = held.map((one) => {
    const { sessionId, candidateRef, values, score: machine } = one;
    const inputs = factors.map(({ name }) => ({
      ...{ name, score: values[name]?.score ?? null, interval: values[name]?.interval ?? [0, 1] },
      ...{ by: values[name]?.by ?? null, machine: machineOf(machine, name) },
    }));
    const flags = wanted.thresholds.map(({ name, figure: threshold }) => {
      const { score = null, interval = [0, 1] as Interval } = values[name] ?? {};
      return { ...{ name, threshold, score, interval }, flag: flagOf(score, interval, threshold) };
    });
    const score = composite(factors, Object.fromEntries(inputs.map((input) => [input.name, input.score])));
    const interval: Interval = [end(factors, one, 0), end(factors, one, 1)];
    return { sessionId, candidateRef, score, interval, inputs, flags };
  });
  const ranked = seen.flatMap(({ score, ...one }) => (score === null ? [] : [{ ...one, score }]));
  return {
    ...{ rubricId: asked.rubricId, rubricVersion, otherVersions: all.length - held.length, proposal: true as const },
    ...{ formula: compositeFormula, factors, share: wanted.share, n: ranked.length, small: ranked.length < smallest },
    ranked: shortlist(ranked, wanted.share),
    insufficient: seen
      .filter(({ score }) => score === null)
      .map(({ sessionId, candidateRef, inputs, flags }) => ({ sessionId, candidateRef, inputs, flags })),
  };
}

const machineOf = ({ total, competencies }: SessionScore, name: string): number | null =>
  name === "total" ? total : (competencies.find(({ competency }) => competency === name)?.score ?? null);
