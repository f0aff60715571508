import type { Agent } from "node:https";
import { Fault } from "../../contracts/fault.ts";
import { seconds } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Connection } from "../adapters/adapter.ts";
import { adapterNamed } from "../adapters/registry.ts";
import type { Again } from "../dispatch.ts";
import { internalPaths } from "../internal.ts";
import type { Metrics } from "../metrics.ts";
import { post, retryAfter } from "../peer.ts";
import { record } from "./audit.ts";
import { conclude, type OutboxJob } from "./outbox.ts";
import type { HrStore, HrWrite } from "./store.ts";

export type DeliveryOptions = {
  store: HrStore;
  write: HrWrite;
  relayUrl: string;
  agent: Agent;
  metrics: Metrics;
  clock: Clock;
};

const relayLimit = seconds(15);

/** Hands an order, a cancellation or a late receipt to relay, which keeps it from then on. */
export async function deliverToRelay(
  job: OutboxJob,
  use: DeliveryOptions,
  signal: AbortSignal,
): Promise<Again | undefined> {
  const { write, relayUrl, agent, clock } = use;
  const path = job.kind === "receipt" ? internalPaths.receipts : internalPaths.orders;
  const answer = await post({ url: `${relayUrl}${path}`, body: job.body, agent, limit: relayLimit, signal });
  if (answer.status !== 202) {
    const again = new Fault("peer.refused", `relay answered ${answer.status}: its log says why`, {
      cause: answer.body.slice(0, 500),
    });
    const afterMillis = retryAfter(answer.headers, clock);
    return afterMillis === undefined ? { again } : { again, afterMillis };
  }
  await write((within) => conclude(within, job, { state: "done", at: clock.wall() }));
  return undefined;
}

/** Delivers results to the tenants' HR systems; connections stay open between deliveries. */
export class ResultDelivery {
  readonly #use: DeliveryOptions;
  readonly #open = new Map<string, { settingsHash: string; connection: Connection }>();

  constructor(options: DeliveryOptions) {
    this.#use = options;
  }

  async deliver(job: OutboxJob, signal: AbortSignal): Promise<Again | undefined> {
    const { metrics, clock, write } = this.#use;
    const connection = await this.#connection(job);
    const outcome = await connection.deliver({ effectKey: job.effectKey, body: job.body }, signal);
    if (outcome.outcome === "again") {
      metrics.delivered(job.target, "again");
      return outcome.afterMillis === undefined
        ? { again: outcome.fault }
        : { again: outcome.fault, afterMillis: outcome.afterMillis };
    }
    const at = clock.wall();
    const done = outcome.outcome === "done";
    const fault = outcome.outcome === "refused" ? { fault: outcome.fault.code } : {};
    const reason = outcome.outcome === "refused" ? { reason: outcome.fault.message } : {};
    const unplaced =
      outcome.outcome === "done" && outcome.unplaced !== undefined ? { unplaced: outcome.unplaced.join(" ") } : {};
    await write(async (within) => {
      await conclude(within, job, { state: done ? "done" : "dead", at, ...fault });
      const { tenantId, branch, subject, target, effectKey } = job;
      const what = job.kind === "result" ? "result" : "notice";
      const action = `${what}.${done ? "delivered" : "dead"}` as const;
      await record(within, {
        tenantId,
        branch,
        at,
        action,
        subject,
        facts: { target, effectKey, attempts: job.attempts + 1, ...fault, ...reason, ...unplaced },
      });
    });
    metrics.delivered(job.target, done ? "done" : "dead", done ? at - job.createdAt : undefined);
    if (outcome.outcome === "refused") metrics.refused(outcome.fault);
    return undefined;
  }

  close(): void {
    for (const { connection } of this.#open.values()) connection.close();
    this.#open.clear();
  }

  /** Settings are read each time, so that a corrected target works at the next try. */
  async #connection({ tenantId, target }: OutboxJob): Promise<Connection> {
    const row = await this.#use.store
      .selectFrom("targets")
      .select(["adapter", "settings"])
      .where("tenantId", "=", tenantId)
      .where("name", "=", target)
      .executeTakeFirst();
    if (row === undefined)
      throw new Fault(
        "delivery.failed",
        `the target ${target} is gone: set it again with \`candor bridge target set\``,
      );
    const name = `${tenantId}/${target}`;
    const settingsHash = sha256(`${row.adapter} ${row.settings}`);
    const known = this.#open.get(name);
    if (known?.settingsHash === settingsHash) return known.connection;
    known?.connection.close();
    const connection = adapterNamed(row.adapter).open(JSON.parse(row.settings), { clock: this.#use.clock });
    this.#open.set(name, { settingsHash, connection });
    return connection;
  }
}
