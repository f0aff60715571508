import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { parseJson } from "../../runtime/parse.ts";

export type Scalar = string | number | boolean;

/** What an adapter reads of a result: `data` of the CloudEvent (hr/result.ts), its fields as they are. */
export type ResultData = Record<string, unknown>;

const event = z.looseObject({ data: z.record(z.string(), z.unknown()) });

/** @throws Fault message.malformed */
export const resultData = (body: string): ResultData => parseJson(event, body, { what: "the result" }).data;

/** Field of the target → where its value stands in the result, dotted: `interval.0`, `external.candidate.0.id`. */
export type Placement = Readonly<Record<string, string>>;

const isScalar = (value: unknown): value is Scalar =>
  typeof value === "string" || typeof value === "boolean" || typeof value === "number";

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);

/** The single value at a path; undefined where there is none, or a whole list or object. */
export function valueAt(data: ResultData, path: string): Scalar | undefined {
  let at: unknown = data;
  for (const step of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return isScalar(at) ? at : undefined;
}

function without(value: unknown, { at, placed }: { at: string; placed: ReadonlySet<string> }): string[] {
  if (isEmpty(value) || placed.has(at)) return [];
  const inside = [...placed].some((path) => path.startsWith(`${at}.`));
  if (!inside || typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([key, one]) => without(one, { at: `${at}.${key}`, placed }));
}

/** Fields of the result that carry something and went nowhere, by their paths, outermost first. */
export function unplaced(data: ResultData, paths: Iterable<string>): string[] {
  const placed = new Set([...paths].filter((path) => valueAt(data, path) !== undefined));
  return Object.entries(data).flatMap(([key, value]) => without(value, { at: key, placed }));
}

/** The result in the target's fields, with what had no place there. */
export function place(
  data: ResultData,
  placement: Placement,
): { values: Record<string, Scalar>; unplaced: readonly string[] } {
  const values: Record<string, Scalar> = {};
  for (const [field, path] of Object.entries(placement)) {
    const value = valueAt(data, path);
    if (value !== undefined) values[field] = value;
  }
  return { values, unplaced: unplaced(data, Object.values(placement)) };
}

/** What a result says in the few words that fit a table, a record or a message. */
export const commonPlacement = {
  tenantId: "tenantId",
  orderId: "orderId",
  sessionId: "sessionId",
  revision: "revision",
  candidateRef: "candidateRef",
  role: "role",
  language: "language",
  ended: "ended",
  total: "total",
  intervalLow: "interval.0",
  intervalHigh: "interval.1",
  coverage: "coverage",
  receivedAt: "receivedAt",
  chainVerified: "chainVerified",
} as const satisfies Placement;

/** A result that the target will never take, with what a person can do about it. */
export const refused = (sentence: string, cause?: unknown): { outcome: "refused"; fault: Fault } => ({
  outcome: "refused",
  fault: new Fault("delivery.refused", sentence, { cause }),
});
