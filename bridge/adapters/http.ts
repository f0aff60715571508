import { Agent as PlainAgent } from "node:http";
import { Agent } from "node:https";
import { z } from "zod";
import { asFault, Fault } from "../../contracts/fault.ts";
import { type EpochMillis, type Millis, minutes, seconds } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { type Answer, retryAfter } from "../peer.ts";
import type { Outcome } from "./adapter.ts";

export const answerLimit = seconds(20);

const onThisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Where results go: by https, or to this machine. */
export const targetUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith("https:") || onThisMachine.test(new URL(url).hostname),
    "results leave this machine by https only",
  );

/** The same as the front of longer addresses, without a slash at its end. */
export const targetBase = targetUrl.transform((url) => url.replace(/\/+$/, ""));

/** PEM of the authority that the target's certificate is checked against; without it, those of the system. */
export const authorityPem = z.string().optional();

/** Connections that stay open between deliveries. */
export const agentFor = (url: string, authority: string | undefined): Agent | PlainAgent =>
  url.startsWith("https:")
    ? new Agent({ keepAlive: true, maxSockets: 8, ...(authority === undefined ? {} : { ca: authority }) })
    : new PlainAgent({ keepAlive: true, maxSockets: 8 });

/** Worth repeating: overload, the other side's own trouble, and its wish to wait (RFC 9110 §15). */
const isPassing = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

/** Another try, after what is known of when. */
export const again = (sentence: string, afterMillis?: Millis): Outcome => {
  const fault = new Fault("delivery.failed", sentence);
  return afterMillis === undefined ? { outcome: "again", fault } : { outcome: "again", fault, afterMillis };
};

/** A try that threw: nobody answered, or the answer was none. A fault that no repetition mends is a refusal. */
export function failed(error: unknown): Outcome {
  const fault = asFault(error, "delivery.failed");
  if (fault.retryable) return { outcome: "again", fault };
  return { outcome: "refused", fault: new Fault("delivery.refused", fault.message, { cause: error }) };
}

/** What an answer that is no 2xx means. `overloadWait` stands in where a 429 does not say when. */
export function notTaken(answer: Answer, clock: Clock, overloadWait?: Millis): Outcome {
  const { status, headers } = answer;
  const sentence = `the receiver answered ${status}`;
  if (!isPassing(status)) return { outcome: "refused", fault: new Fault("delivery.refused", sentence) };
  return again(sentence, retryAfter(headers, clock) ?? (status === 429 ? overloadWait : undefined));
}

/** The answer as the shape it must have; what is none is the other side's passing trouble. @throws Fault delivery.failed */
export function answered<T extends z.ZodType>(schema: T, { body }: Answer, what: string): z.output<T> {
  try {
    return schema.parse(JSON.parse(body));
  } catch (error) {
    throw new Fault("delivery.failed", `${what} answered something else than its protocol says`, { cause: error });
  }
}

/** Ends a try early with its outcome. */
export class Ended extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super("the try ended");
    this.outcome = outcome;
  }
}

/** The try's outcome, whichever way it ended; only an abort of its caller is thrown. */
export async function outcomeOf(work: () => Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    if (signal.aborted) throw error;
    return error instanceof Ended ? error.outcome : failed(error);
  }
}

export type Token = { value: string; lives: Millis };

/** Tokens are renewed this long before their end, so that none ends on its way. */
const renewBefore = minutes(5);

/** An access token with one refresher: deliveries that need one together wait for the same request. */
export class KeptToken {
  readonly #fetch: () => Promise<Token>;
  readonly #clock: Clock;
  #token: { value: string; until: EpochMillis } | undefined;
  #coming: Promise<string> | undefined;

  constructor(fetch: () => Promise<Token>, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  get(): Promise<string> {
    if (this.#token !== undefined && this.#clock.monotonic() < this.#token.until)
      return Promise.resolve(this.#token.value);
    this.#coming ??= this.#renew().finally(() => {
      this.#coming = undefined;
    });
    return this.#coming;
  }

  /** The target does not take this one any more. Another that came meanwhile stays. */
  drop(value: string): void {
    if (this.#token?.value === value) this.#token = undefined;
  }

  /** Works with a token; when the target refuses it (undefined), once more with a fresh one. */
  async with<T>(work: (token: string) => Promise<T | undefined>): Promise<T> {
    for (let tries = 0; tries < 2; tries++) {
      const token = await this.get();
      const result = await work(token);
      if (result !== undefined) return result;
      this.drop(token);
    }
    throw new Fault("delivery.failed", "the target refuses a fresh access token: check the application's rights there");
  }

  async #renew(): Promise<string> {
    const { value, lives } = await this.#fetch();
    this.#token = { value, until: this.#clock.monotonic() + Math.max(lives - renewBefore, lives / 2) };
    return value;
  }
}
