import { type Millis, millis } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import type { ButtonMoment } from "./port.ts";

/** How long a contact may chatter after it changed: data sheets of push buttons promise 5 to 20 ms. */
export const chatter: Millis = millis(25);

type Handler = (moment: ButtonMoment) => void;
export type ContactOptions = {
  clock: Clock;
  holdMillis: Millis;
  /** Zero where the kernel or the bus has debounced already. */
  chatterMillis?: Millis;
};

/**
 * Makes presses, holds and releases of a contact that closes and opens. The first change is told at once; what changes
 * within the chatter after it is the same change, and where the contact stands at its end is what counts. When a change
 * happened decides, not when it is heard of: a busy process hears of several at once.
 */
export class Contact {
  readonly #options: Required<ContactOptions>;
  readonly #handlers: { press: Handler[]; hold: Handler[]; release: Handler[] } = { press: [], hold: [], release: [] };
  /** Aborted when the contact opens, or goes. */
  #pressing: AbortController | undefined;
  #raw = false;
  /** When the change that was told last happened. */
  #toldAt: Millis | undefined;
  /** Aborted when a newer change has a chatter of its own. */
  #settling = new AbortController();
  #ended = new AbortController();

  constructor(options: ContactOptions) {
    this.#options = { chatterMillis: chatter, ...options };
  }

  onPress(handler: Handler): void {
    this.#handlers.press.push(handler);
  }

  onHold(handler: Handler): void {
    this.#handlers.hold.push(handler);
  }

  onRelease(handler: Handler): void {
    this.#handlers.release.push(handler);
  }

  /** The contact closed or opened at this monotonic moment. */
  change(closed: boolean, atMonotonic: Millis): void {
    if (this.#ended.signal.aborted) return;
    if (this.#isSettled(atMonotonic)) this.#conclude(this.#toldAt ?? atMonotonic);
    this.#raw = closed;
    if (this.#isSettled(atMonotonic)) this.#conclude(atMonotonic);
  }

  /** Nothing is told any more. */
  end(): void {
    this.#ended.abort();
    this.#settling.abort();
    this.#pressing?.abort();
  }

  /** Whether what happens then is no chatter of the change before. A moment before it is one of another clock. */
  #isSettled(atMonotonic: Millis): boolean {
    const since = atMonotonic - (this.#toldAt ?? Number.NEGATIVE_INFINITY);
    return since < 0 || since >= this.#options.chatterMillis;
  }

  /** Tells where the contact stands, if that is news. */
  #conclude(atMonotonic: Millis): void {
    if (this.#raw !== (this.#pressing !== undefined)) this.#take(this.#raw, atMonotonic);
  }

  #take(closed: boolean, atMonotonic: Millis): void {
    this.#toldAt = atMonotonic;
    this.#pressing?.abort();
    this.#pressing = closed ? new AbortController() : undefined;
    for (const handler of this.#handlers[closed ? "press" : "release"]) handler({ atMonotonic });
    if (this.#pressing !== undefined) this.#hold(this.#pressing.signal);
    this.#settle();
  }

  /** A released contact never becomes a hold; the abort is the whole of its meaning. */
  #hold(signal: AbortSignal): void {
    const { clock, holdMillis } = this.#options;
    clock.sleep(holdMillis, signal).then(
      () => {
        for (const handler of this.#handlers.hold) handler({ atMonotonic: clock.monotonic() });
      },
      () => undefined,
    );
  }

  #settle(): void {
    const { clock, chatterMillis } = this.#options;
    this.#settling.abort();
    if (chatterMillis === 0) return;
    this.#settling = new AbortController();
    clock.sleep(chatterMillis, this.#settling.signal).then(
      () => this.#conclude(clock.monotonic()),
      () => undefined,
    );
  }
}
