import { z } from "zod";
import type { Fault } from "../../contracts/fault.ts";
import type { Millis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";

/** What a target may be told of: results, every status of an order, that a candidate has started, a call for help, a slot. */
export const noticeKind = z.enum(["result", "status", "start", "help", "invitation"]);
export type NoticeKind = z.infer<typeof noticeKind>;

/** A result on its way to an HR system. */
export type Shipment = {
  /** The same for every try of one effect: `tenantId/sessionId/scorecard/revision`. */
  effectKey: string;
  /** JSON of a CloudEvent `resultEvent` (hr/result.ts), byte for byte the same at every try. */
  body: string;
};

/**
 * What came of one try. `done`: the target has it, without the fields `unplaced` (paths in the event's data), which have
 * no place there. `again`: worth repeating, after `afterMillis` where
 * the system said when. `refused`: it will not take it.
 */
export type Outcome =
  | { outcome: "done"; unplaced?: readonly string[] }
  | { outcome: "again"; fault: Fault; afterMillis?: Millis }
  | { outcome: "refused"; fault: Fault };

/** An open connection to one target. `deliver` never throws for what the target says; it does when aborted. */
export interface Connection {
  deliver(shipment: Shipment, signal: AbortSignal): Promise<Outcome>;
  close(): void;
}

/** One HR system's way of taking results: its file is its documentation. */
export type Adapter<Options extends z.ZodType = z.ZodType> = {
  name: string;
  summary: string;
  /** Which effect a result has at the other side when tries are repeated or cut off. */
  guarantee: string;
  /** What it delivers; results where nothing is said. */
  takes?: readonly NoticeKind[];
  options: Options;
  open(options: z.output<Options>, context: { clock: Clock }): Connection;
};

/** An adapter with its options hidden behind the parse, so that adapters of all kinds stand in one registry. */
export type RegisteredAdapter = Omit<Adapter, "open"> & {
  open(options: unknown, context: { clock: Clock }): Connection;
};

export function defineAdapter<Options extends z.ZodType>(adapter: Adapter<Options>): RegisteredAdapter {
  return { ...adapter, open: (options, context) => adapter.open(adapter.options.parse(options), context) };
}
