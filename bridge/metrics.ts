import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { asFault, type Fault } from "../contracts/fault.ts";

/** What an operator's Prometheus reads. Labels are codes and kinds, never ids of people or sessions. */
export interface Metrics {
  /** Counts a refusal and hands it back as a Fault. */
  refused(error: unknown): Fault;
  event(type: string, state: string): void;
  delivered(target: string, outcome: "done" | "again" | "dead", tookMillis?: number): void;
  text(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const refusals = new Counter({
    name: "candor_refused_total",
    help: "What was refused, by fault code",
    labelNames: ["code"],
    registers,
  });
  const events = new Counter({
    name: "candor_events_total",
    help: "Events of devices, by type and what became of them",
    labelNames: ["type", "state"],
    registers,
  });
  const deliveries = new Counter({
    name: "candor_deliveries_total",
    help: "Tries to deliver, by target and outcome",
    labelNames: ["target", "outcome"],
    registers,
  });
  const duration = new Histogram({
    name: "candor_delivery_seconds",
    help: "From acceptance to done, by target",
    labelNames: ["target"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600],
    registers,
  });
  return {
    refused: (error) => {
      const fault = asFault(error);
      refusals.inc({ code: fault.code });
      return fault;
    },
    event: (type, state) => events.inc({ type, state }),
    delivered: (target, outcome, tookMillis) => {
      deliveries.inc({ target, outcome });
      if (tookMillis !== undefined) duration.observe({ target }, tookMillis / 1000);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
