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

const resultShipment = (effectKey: string): Shipment => ({
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
export function adapterChecks(
  adapter: RegisteredAdapter,
  startOpposite: () => Promise<Opposite>,
  shipment: (effectKey: string) => Shipment = resultShipment,
): Check[] {
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

/** A peer that speaks over HTTP. */
export interface HttpOpposite extends Opposite {
  /** `slow` never answers · `garbage` is no message of the protocol · `moved` sends the caller to another address. */
  misbehave(kind: "slow" | "garbage" | "moved"): void;
}

/**
 * The same for adapters over HTTP. `anyBody`: the protocol has no shape of an answer, a 2xx is all it says.
 */
export function httpChecks(
  adapter: RegisteredAdapter,
  startOpposite: () => Promise<HttpOpposite>,
  {
    anyBody = false,
    shipment = resultShipment,
  }: { anyBody?: boolean; shipment?: (effectKey: string) => Shipment } = {},
): Check[] {
  const when = async (
    kind: Parameters<HttpOpposite["misbehave"]>[0],
    judge: (outcome: Promise<Outcome>, opposite: HttpOpposite) => Promise<boolean>,
  ): Promise<boolean> => {
    const opposite = await startOpposite();
    const connection = adapter.open(opposite.options, { clock: systemClock });
    opposite.misbehave(kind);
    const patience = AbortSignal.timeout(kind === "slow" ? 300 : seconds(10));
    try {
      return await judge(connection.deliver(shipment("t/s/scorecard/1"), patience), opposite);
    } finally {
      connection.close();
      await opposite.stop();
    }
  };
  const checks: Check[] = [
    {
      sentence: "ends with the caller's patience when the target is silent",
      holds: () =>
        when("slow", (outcome) =>
          outcome.then(
            () => false,
            () => true,
          ),
        ),
    },
    {
      sentence: "follows no redirection, and names it a refusal",
      holds: () =>
        when("moved", async (outcome, opposite) => {
          const { outcome: end } = await outcome;
          return end === "refused" && opposite.effects().length === 0;
        }),
    },
  ];
  const garbage: Check = {
    sentence: "takes a proxy's page for no answer",
    holds: () => when("garbage", async (outcome) => (await outcome).outcome === "again"),
  };
  return anyBody ? checks : [...checks, garbage];
}
