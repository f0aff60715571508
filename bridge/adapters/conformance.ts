import { type Millis, seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Connection, Outcome, RegisteredAdapter, Shipment } from "./adapter.ts";

/** A real protocol peer of one adapter, which can be in trouble. */
export interface Opposite {
  /** The adapter's options that lead to it. */
  options: unknown;
  /** Effect keys of the records it holds, one for each record. */
  effects(): readonly string[];
  /** How long it asks to stay away when `busy`; undefined where its protocol cannot say. */
  overload: Millis | undefined;
  /** `busy`: has too much to do · `broken`: fails by its own fault · `refusing`: will never take it · `cut`: keeps it, then fails. */
  trouble(kind: "none" | "busy" | "broken" | "refusing" | "cut"): void;
  stop(): Promise<void>;
}

/** A sentence that must be true of every adapter. */
export type Check = { sentence: string; holds: () => Promise<boolean> };

const shipment = (effectKey: string): Shipment => ({
  effectKey,
  body: JSON.stringify({
    specversion: "1.0",
    id: effectKey.replaceAll("/", "-"),
    data: {
      ...{ tenantId: "t", orderId: "o", sessionId: "s", revision: 1, candidateRef: "c-7", role: "装配工" },
      ...{
        ended: "complete",
        total: 0.71,
        interval: [0.62, 0.8],
        coverage: 0.9,
        receivedAt: "2026-05-04T03:02:01.000Z",
      },
      ...{ consents: [{ scope: "interview" }], language: "zh-CN", chainVerified: true, withheld: null },
    },
  }),
});

/** What the outbox relies on, for any adapter against its peer. */
export function adapterChecks(adapter: RegisteredAdapter, startOpposite: () => Promise<Opposite>): Check[] {
  type Bench = { opposite: Opposite; connection: Connection; deliver: (effectKey: string) => Promise<Outcome> };
  const withBench = async (work: (bench: Bench) => Promise<boolean>): Promise<boolean> => {
    const opposite = await startOpposite();
    const connection = adapter.open(opposite.options, { clock: systemClock });
    const deliver = (effectKey: string): Promise<Outcome> =>
      connection.deliver(shipment(effectKey), AbortSignal.timeout(seconds(10)));
    try {
      return await work({ opposite, connection, deliver });
    } finally {
      connection.close();
      await opposite.stop();
    }
  };
  const check = (sentence: string, work: (bench: Bench) => Promise<boolean>): Check => ({
    sentence,
    holds: () => withBench(work),
  });
  return [
    check("delivers a result", async ({ opposite, deliver }) => {
      const { outcome } = await deliver("t/s/scorecard/1");
      return outcome === "done" && opposite.effects().join() === "t/s/scorecard/1";
    }),
    check("has one effect when the same result is delivered again", async ({ opposite, deliver }) => {
      const outcomes = [await deliver("t/s/scorecard/1"), await deliver("t/s/scorecard/1")];
      return outcomes.every(({ outcome }) => outcome === "done") && opposite.effects().length === 1;
    }),
    check("has one effect when the answer to the first try was lost", async ({ opposite, deliver }) => {
      opposite.trouble("cut");
      const first = await deliver("t/s/scorecard/1");
      opposite.trouble("none");
      const second = await deliver("t/s/scorecard/1");
      return first.outcome === "again" && second.outcome === "done" && opposite.effects().length === 1;
    }),
    check("asks for another try, when the target says, after its overload", async ({ opposite, deliver }) => {
      opposite.trouble("busy");
      const outcome = await deliver("t/s/scorecard/1");
      return outcome.outcome === "again" && outcome.afterMillis === opposite.overload && outcome.fault.retryable;
    }),
    check("asks for another try after the target's own failure", async ({ opposite, deliver }) => {
      opposite.trouble("broken");
      return (await deliver("t/s/scorecard/1")).outcome === "again";
    }),
    check("says refused when the target will never take it", async ({ opposite, deliver }) => {
      opposite.trouble("refusing");
      const outcome = await deliver("t/s/scorecard/1");
      return (
        outcome.outcome === "refused" && outcome.fault.code === "delivery.refused" && opposite.effects().length === 0
      );
    }),
    check("asks for another try when nobody answers", async ({ opposite, deliver }) => {
      await opposite.stop();
      const outcome = await deliver("t/s/scorecard/1");
      return outcome.outcome === "again" && outcome.fault.retryable;
    }),
    check(
      "refuses options it does not know",
      async ({ opposite }) =>
        !adapter.options.safeParse({ ...(opposite.options as object), anUnknownOption: 1 }).success,
    ),
  ];
}
