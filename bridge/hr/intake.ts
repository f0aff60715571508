import { type Envelope, envelope as envelopeShape } from "../../contracts/envelope.ts";
import { Fault, type FaultCode } from "../../contracts/fault.ts";
import type { Log } from "../../runtime/log.ts";
import { parseJson } from "../../runtime/parse.ts";
import type { ForwardedAnswer, ForwardedEvent, LateReceipt } from "../internal.ts";
import type { Metrics } from "../metrics.ts";
import { verifyOrigin } from "../origin.ts";
import { signReceipt } from "../outgoing.ts";
import { record } from "./audit.ts";
import { branchOfDevice, type Decision, type Incoming } from "./events/handler.ts";
import { handlers } from "./events/registry.ts";
import type { IssueOptions } from "./issue.ts";
import { enqueue, relayTarget } from "./outbox.ts";
import type { HrTables, Within } from "./store.ts";

export type IntakeOptions = IssueOptions & { metrics: Metrics; log: Log; wake: () => void };

/** Faults that say "this cannot be read": kept sealed, replayable. Any other is ours, and relay tries again. */
const unreadable: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "message.malformed",
  "message.unsupportedVersion",
  "seal.unreadable",
  "signature.missing",
  "signature.invalid",
  "certificate.untrusted",
  "certificate.expired",
  "order.unknown",
  "order.otherDevice",
  "rubric.weights",
  "rubric.reference",
]);

type InboxRow = HrTables["inbox"];
type EventName = { tenantId: string; deviceId: string; eventId: string };

/** Takes events from relay: checks them again (relay is not trusted with that), acts, answers with a signed receipt. */
export class Intake {
  readonly #use: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#use = options;
  }

  /**
   * The same event again gives the same answer.
   * @throws Fault when the outer signature does not hold, or for a failure of ours: nothing was noted then
   */
  async take({ envelope, receivedAt: stamp }: ForwardedEvent): Promise<ForwardedAnswer> {
    const { keys, clock, metrics } = this.#use;
    // Judged by the moment relay took it, however long it waited there; a stamp of the future is none.
    const receivedAt = Math.min(stamp, clock.wall());
    const event = {
      ...(await verifyOrigin(envelope, { authorityPem: keys.authorityPem, at: receivedAt })),
      receivedAt,
    };
    const known = await this.#known(event);
    if (known !== undefined) return known;
    const decision = await this.#decide(event);
    const answer =
      decision instanceof Fault ? await this.#park(event, envelope, decision) : await this.#accept(event, decision);
    metrics.event(event.type, answer.state);
    if (!(decision instanceof Fault)) await this.#follow(decision);
    return answer;
  }

  /** Reads a parked event once more. @throws Fault event.unknown, or the fault for which it stays parked */
  async replay({ tenantId, eventId }: { tenantId: string; eventId: string }): Promise<ForwardedAnswer> {
    const { store, keys, clock, metrics } = this.#use;
    const row = await store
      .selectFrom("parked")
      .selectAll()
      .where("tenantId", "=", tenantId)
      .where("eventId", "=", eventId)
      .executeTakeFirst();
    if (row === undefined) throw new Fault("event.unknown", "there is no such parked event");
    const { deviceId, receivedAt, branch } = row;
    if (row.state === "replayed") return (await this.#known({ tenantId, deviceId, eventId })) as ForwardedAnswer;
    const envelope = parseJson(envelopeShape, row.envelope, { what: "a parked event" });
    // Judged by the day it came: its certificate may have run out since.
    const event = {
      ...(await verifyOrigin(envelope, { authorityPem: keys.authorityPem, at: receivedAt })),
      receivedAt,
    };
    const decision = await this.#decide(event);
    if (decision instanceof Fault) throw decision;
    const receipt = await signReceipt({ tenantId, deviceId, eventId, state: "accepted" }, { key: keys.centre, clock });
    await this.#unpark(event, { decision, receipt, branch });
    metrics.event(event.type, "replayed");
    await this.#follow(decision);
    return { state: "accepted", receipt };
  }

  /** In one transaction: what the event does, its new answer, and that answer's way to the device. */
  async #unpark(event: Incoming, to: { decision: Decision; receipt: string; branch: string }): Promise<void> {
    const { write, clock } = this.#use;
    const { tenantId, deviceId, eventId, type } = event;
    const { decision, receipt, branch } = to;
    const body = JSON.stringify({ tenantId, deviceId, eventId, state: "accepted", receipt } satisfies LateReceipt);
    const effectKey = `receipt/${deviceId}/${eventId}`;
    await write(async (within) => {
      await decision.apply(within);
      await this.#update(within, event, receipt);
      const noted = { tenantId, branch, at: clock.wall(), subject: eventId };
      await record(within, { ...noted, action: "event.replayed", facts: { type } });
      await enqueue(
        within,
        { tenantId, branch, kind: "receipt", target: relayTarget, effectKey, subject: eventId, body },
        clock,
      );
    });
  }

  /** The event is noted whatever comes of this; what it leaves undone is done at the next start or birth. */
  async #follow(decision: Decision): Promise<void> {
    await decision
      .after?.()
      .catch((error: unknown) => this.#use.log.error({ err: error }, "what follows an event failed"));
    this.#use.wake();
  }

  async #known({ tenantId, deviceId, eventId }: EventName): Promise<ForwardedAnswer | undefined> {
    return this.#use.store
      .selectFrom("inbox")
      .select(["state", "receipt"])
      .where("tenantId", "=", tenantId)
      .where("deviceId", "=", deviceId)
      .where("eventId", "=", eventId)
      .executeTakeFirst();
  }

  async #decide(event: Incoming): Promise<Decision | Fault> {
    try {
      const handler = handlers[event.type];
      if (handler === undefined)
        throw new Fault(
          "message.unsupportedVersion",
          `no handler for events of type ${JSON.stringify(event.type)}: update hr, then replay`,
        );
      return await handler(event, this.#use);
    } catch (error) {
      if (error instanceof Fault && unreadable.has(error.code)) return this.#use.metrics.refused(error);
      throw error;
    }
  }

  async #accept(event: Incoming, decision: Decision): Promise<ForwardedAnswer> {
    const { tenantId, deviceId, eventId } = event;
    const { write, keys, clock } = this.#use;
    const receipt = await signReceipt({ tenantId, deviceId, eventId, state: "accepted" }, { key: keys.centre, clock });
    await write(async (within) => {
      if (await this.#note(within, { event, branch: decision.branch, state: "accepted", receipt }))
        await decision.apply(within);
    });
    return (await this.#known(event)) ?? { state: "accepted", receipt };
  }

  async #park(event: Incoming, envelope: Envelope, fault: Fault): Promise<ForwardedAnswer> {
    const { tenantId, deviceId, eventId, type, receivedAt } = event;
    const { store, write, keys, clock, log } = this.#use;
    log.warn({ code: fault.code, field: fault.field, type, err: fault }, "parked an event that could not be read");
    const content = { tenantId, deviceId, eventId, state: "parked" as const, fault: fault.code };
    const receipt = await signReceipt(content, { key: keys.centre, clock });
    const branch = await branchOfDevice(store, event);
    await write(async (within) => {
      if (!(await this.#note(within, { event, branch, state: "parked", receipt }))) return;
      const why = { state: "parked" as const, fault: fault.code, message: fault.message, replayedAt: null };
      await within
        .insertInto("parked")
        .values({ tenantId, branch, deviceId, eventId, type, envelope: JSON.stringify(envelope), receivedAt, ...why })
        .execute();
      await record(within, {
        tenantId,
        branch,
        at: clock.wall(),
        action: "event.parked",
        subject: eventId,
        facts: { type, deviceId, fault: fault.code },
      });
    });
    return (await this.#known(event)) ?? { state: "parked", receipt };
  }

  /** False when the event was noted by someone else in between. */
  async #note(
    within: Within,
    noted: { event: Incoming; branch: string } & Pick<InboxRow, "state" | "receipt">,
  ): Promise<boolean> {
    const { event, ...rest } = noted;
    const { tenantId, deviceId, eventId, type, receivedAt } = event;
    const inserted = await within
      .insertInto("inbox")
      .values({ tenantId, deviceId, eventId, type, receivedAt, ...rest })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows !== 0n;
  }

  async #update(within: Within, { tenantId, deviceId, eventId }: EventName, receipt: string): Promise<void> {
    const inbox = within.updateTable("inbox").set({ state: "accepted", receipt }).where("tenantId", "=", tenantId);
    await inbox.where("deviceId", "=", deviceId).where("eventId", "=", eventId).execute();
    const parked = within
      .updateTable("parked")
      .set({ state: "replayed", replayedAt: this.#use.clock.wall() })
      .where("tenantId", "=", tenantId);
    await parked.where("deviceId", "=", deviceId).where("eventId", "=", eventId).execute();
  }
}
