import type { z } from "zod";
import type { ExternalReference } from "../../contracts/order.ts";
import type { Clock } from "../../runtime/clock.ts";

/** An application as an HR system has it; ids are that system's. */
export type PulledApplication = {
  applicationId: string;
  name: string;
  /** Which of a vacancy's external references it is for. */
  requisition: ExternalReference;
  candidate: readonly ExternalReference[];
  external: readonly ExternalReference[];
};

/** Applications in the order of their changes, and from where the next page goes on: a text that only the source reads. */
export type PulledPage = { applications: readonly PulledApplication[]; watermark: string | null; more: boolean };

/** An open connection to one system that applications are pulled from. Both throw what the system refused, as a Fault. */
export interface SourceConnection {
  /** What changed since the watermark of an earlier page; null: everything. What is not asked about twice may come twice. */
  changedSince(watermark: string | null, signal: AbortSignal): Promise<PulledPage>;
  /** Some by their ids; those that are no longer there are left out. */
  named(applicationIds: readonly string[], signal: AbortSignal): Promise<readonly PulledApplication[]>;
  close(): void;
}

/** One HR system's way of giving applications: its file is its documentation. */
export type Source<Options extends z.ZodType = z.ZodType> = {
  name: string;
  summary: string;
  options: Options;
  open(options: z.output<Options>, context: { clock: Clock }): SourceConnection;
};

export type RegisteredSource = Omit<Source, "open"> & {
  open(options: unknown, context: { clock: Clock }): SourceConnection;
};

export function defineSource<Options extends z.ZodType>(source: Source<Options>): RegisteredSource {
  return { ...source, open: (options, context) => source.open(source.options.parse(options), context) };
}
