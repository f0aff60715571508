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
 * within the chatter after it is the same change, and where the contact stands at its end is what counts.
 */
export class Contact {
  readonly #options: Required<ContactOptions>;
  readonly #handlers: { press: Handler[]; hold: Handler[]; release: Handler[] } = { press: [], hold: [], release: [] };
  /** Aborted when the contact opens, or goes. */
  #pressing: AbortController | undefined;
  #raw = false;
  #settling = false;
  /** When the change that was told last happened. */
  #takenAt: Millis | undefined;
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
    this.#raw = closed;
    if (this.#settling || closed === (this.#pressing !== undefined)) return;
    const since = this.#takenAt === undefined ? Number.POSITIVE_INFINITY : atMonotonic - this.#takenAt;
    // A busy process hears of a chatter late: when it happened is what counts.
    if (since >= 0 && since < this.#options.chatterMillis) this.#settle();
    else this.#take(closed, atMonotonic);
  }

  /** Nothing is told any more. */
  end(): void {
    this.#ended.abort();
    this.#pressing?.abort();
  }

  #take(closed: boolean, atMonotonic: Millis): void {
    this.#takenAt = atMonotonic;
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
    if (chatterMillis === 0) return;
    this.#settling = true;
    clock.sleep(chatterMillis, this.#ended.signal).then(
      () => {
        this.#settling = false;
        if (this.#raw !== (this.#pressing !== undefined)) this.#take(this.#raw, clock.monotonic());
      },
      () => undefined,
    );
  }
}
