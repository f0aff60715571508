import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Envelope, type EventType, envelope, type Receipt, signedTypes } from "../contracts/envelope.ts";
import { asFault } from "../contracts/fault.ts";
import type { Identity } from "../contracts/identity.ts";
import { opaqueId } from "../contracts/ids.ts";
import { type Millis, minutes, seconds } from "../contracts/units.ts";
import { type Clock, timestamp } from "../runtime/clock.ts";
import { readIfThere, removeDurably, writeDurably } from "../runtime/durable.ts";
import type { Log } from "../runtime/log.ts";
import { parseJson } from "../runtime/parse.ts";
import { backOff, type RetryPolicy } from "../runtime/retry.ts";
import { sign } from "../runtime/seal.ts";
import type { ClockQuality } from "./centreTime.ts";

const entry = z.looseObject({
  version: z.literal(1),
  envelope,
  state: z.enum(["waiting", "stored", "parked"]),
  /** The receipt that lets the event go. */
  until: z.enum(["stored", "accepted"]),
  sessionId: opaqueId.optional(),
});
export type Entry = z.infer<typeof entry>;

/** What is to be sent. The outbox signs it and puts the three ids into what is signed. */
export type Outgoing = {
  eventId: string;
  type: EventType;
  payload: object;
  until: Entry["until"];
  sessionId?: string;
};

/** A sent event is asked about again when no receipt comes: soon while it may be lost, slowly once relay has it. */
const unanswered: RetryPolicy = {
  name: "unanswered",
  attempts: Number.POSITIVE_INFINITY,
  first: seconds(3),
  factor: 2,
  most: minutes(1),
};
const unaccepted: RetryPolicy = {
  name: "unaccepted",
  attempts: Number.POSITIVE_INFINITY,
  first: seconds(30),
  factor: 2,
  most: minutes(10),
};
const settled: RetryPolicy = {
  name: "parked",
  attempts: Number.POSITIVE_INFINITY,
  first: minutes(10),
  factor: 2,
  most: minutes(60),
};
const policies = { waiting: unanswered, stored: unaccepted, parked: settled } as const;

type Due = { attempts: number; at: Millis; sending: boolean };

export type OutboxOptions = {
  stateDirectory: string;
  identity: Identity;
  bootId: string;
  clock: Clock;
  log: Log;
  quality: () => ClockQuality;
  /** Rejects while there is no connection. */
  publish: (payload: string) => Promise<void>;
  onFault: (error: unknown) => void;
};

/** Events on their way to the centre, each a file until its receipt comes. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #directory: string;
  readonly #entries = new Map<string, Entry>();
  readonly #due = new Map<string, Due>();
  #sequence = 0;
  #reserved = 0;
  #stopTicking: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#directory = join(options.stateDirectory, "outbox");
  }

  /** Reads what waits; a file that cannot be read is counted and left where it is. */
  async start(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await this.#readSequence();
    for (const name of (await readdir(this.#directory)).filter(
      (one) => one.endsWith(".json") && !one.startsWith("."),
    )) {
      try {
        const text = await readIfThere(join(this.#directory, name));
        const found = parseJson(entry, text ?? "", { what: "an event of the outbox", otherwise: "file.unreadable" });
        this.#entries.set(found.envelope.id, found);
        this.#due.set(found.envelope.id, { attempts: 0, at: 0, sending: false });
      } catch (error) {
        this.#options.onFault(error);
      }
    }
    this.#stopTicking = this.#options.clock.every(250, () => this.#sendDue());
  }

  stop(): void {
    this.#stopTicking?.();
  }

  counts(): Record<Entry["state"], number> {
    const counts = { waiting: 0, stored: 0, parked: 0 };
    for (const one of this.#entries.values()) counts[one.state] += 1;
    return counts;
  }

  has(eventId: string): boolean {
    return this.#entries.has(eventId);
  }

  /** The entry of an event, and the moment of this boot at which it was made, where it was made in this boot. */
  find(eventId: string): { entry: Entry; madeAt: Millis | undefined } | undefined {
    const found = this.#entries.get(eventId);
    if (found === undefined) return undefined;
    const { bootid, elapsedmillis } = found.envelope;
    return { entry: found, madeAt: bootid === this.#options.bootId ? elapsedmillis : undefined };
  }

  /** On the disk when it resolves; the same id again is the same event and changes nothing. @throws Fault storage.full */
  async put(outgoing: Outgoing): Promise<void> {
    const { eventId, until, sessionId } = outgoing;
    if (this.#entries.has(eventId)) return;
    const made: Entry = {
      version: 1,
      envelope: await this.#envelope(outgoing),
      state: "waiting",
      until,
      ...(sessionId === undefined ? {} : { sessionId }),
    };
    await this.#write(made);
    this.#due.set(eventId, { attempts: 0, at: 0, sending: false });
    this.#sendDue();
  }

  async remove(eventId: string): Promise<void> {
    this.#entries.delete(eventId);
    this.#due.delete(eventId);
    await removeDurably(join(this.#directory, `${eventId}.json`));
  }

  /** Removes events of a type, as a newer one takes their place. */
  async supersede(type: EventType): Promise<void> {
    for (const one of [...this.#entries.values()].filter((one) => one.envelope.type === type))
      await this.remove(one.envelope.id);
  }

  /** Removes what is left of a session that HR has accepted. */
  async supersedeSession(sessionId: string): Promise<void> {
    for (const one of [...this.#entries.values()].filter((one) => one.sessionId === sessionId))
      await this.remove(one.envelope.id);
  }

  /** Settles an event by a receipt that has been verified. Hands back the entry when it has left the outbox. */
  async settle({ eventId, state }: Pick<Receipt, "eventId" | "state">): Promise<Entry | undefined> {
    const found = this.#entries.get(eventId);
    if (found === undefined) return undefined;
    if (state === "accepted" || (state === "stored" && found.until === "stored")) {
      await this.remove(eventId);
      return found;
    }
    if (found.state !== state && !(found.state === "parked" && state === "stored")) {
      await this.#write({ ...found, state });
      this.#due.set(eventId, this.#next(state, 0));
    }
    return undefined;
  }

  /** The connection is back: what waits is due now, and whatever receipt was missed is asked for soon. */
  kick(): void {
    const now = this.#options.clock.monotonic();
    for (const [eventId, one] of this.#entries) {
      const due = this.#due.get(eventId);
      if (due !== undefined && one.state !== "parked")
        this.#due.set(eventId, { ...due, attempts: 0, at: one.state === "waiting" ? now : now + seconds(2) });
    }
    this.#sendDue();
  }

  #next(state: Entry["state"], attempts: number): Due {
    const { clock } = this.#options;
    return {
      attempts,
      at: clock.monotonic() + backOff(policies[state], Math.max(0, attempts - 1), clock.random),
      sending: false,
    };
  }

  #sendDue(): void {
    const now = this.#options.clock.monotonic();
    for (const [eventId, due] of this.#due) {
      const found = this.#entries.get(eventId);
      if (found === undefined || due.sending || due.at > now) continue;
      this.#due.set(eventId, { ...due, sending: true });
      void this.#send(found, due);
    }
  }

  async #send(one: Entry, due: Due): Promise<void> {
    const eventId = one.envelope.id;
    try {
      await this.#options.publish(JSON.stringify(one.envelope));
    } catch (error) {
      // No connection is no news: `kick` comes with the next one. Anything else is told.
      const fault = asFault(error);
      if (fault.code !== "peer.unreachable") this.#options.onFault(fault);
    }
    const now = this.#entries.get(eventId);
    if (now !== undefined && this.#due.get(eventId)?.sending)
      this.#due.set(eventId, this.#next(now.state, due.attempts + 1));
  }

  async #write(one: Entry): Promise<void> {
    await writeDurably(join(this.#directory, `${one.envelope.id}.json`), JSON.stringify(one));
    this.#entries.set(one.envelope.id, one);
  }

  async #envelope({ eventId, type, payload }: Outgoing): Promise<Envelope> {
    const { identity, clock, bootId, quality } = this.#options;
    const { tenantId, deviceId, keyPem, certificatePem } = identity;
    const key = { keyPem, certificatePem };
    return {
      specversion: "1.0",
      id: eventId,
      source: `candor/${tenantId}/${deviceId}`,
      type,
      time: timestamp(clock.wall()),
      datacontenttype: "application/jose",
      bootid: bootId,
      elapsedmillis: clock.monotonic(),
      sequence: await this.#nextSequence(),
      clockquality: quality(),
      data: await sign({ tenantId, deviceId, eventId, ...payload }, { key, type: signedTypes.event }),
    };
  }

  /** The count goes on over restarts within a boot; numbers are reserved in blocks so that not each costs a write. */
  async #nextSequence(): Promise<number> {
    if (this.#sequence >= this.#reserved) {
      this.#reserved += 256;
      await writeDurably(
        this.#sequencePath,
        JSON.stringify({ version: 1, bootId: this.#options.bootId, reserved: this.#reserved }),
      );
    }
    return this.#sequence++;
  }

  async #readSequence(): Promise<void> {
    const text = await readIfThere(this.#sequencePath);
    if (text === undefined) return;
    const shape = z.looseObject({ bootId: z.string(), reserved: z.number().int() });
    const found = parseJson(shape, text, { what: "the count of events", otherwise: "file.unreadable" });
    if (found.bootId === this.#options.bootId) this.#sequence = this.#reserved = found.reserved;
  }

  get #sequencePath(): string {
    return join(this.#options.stateDirectory, "sequence.json");
  }
}
