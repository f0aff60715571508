import type { FaultCode } from "../contracts/fault.ts";
import { type Millis, minutes, seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";

export type PassingPage = { show: "service" } | { show: "codeRefused"; fault: FaultCode; text: string };
type Page = { show: "starting" | "waiting" } | PassingPage;

/** How long a refused check-in code is talked about, and the service page stands when nobody leaves it. */
const shownFor: Readonly<Record<"codeRefused" | "service", Millis>> = { codeRefused: seconds(8), service: minutes(5) };

/** The page that is shown while nobody is interviewed. */
export class Lobby {
  readonly #clock: Clock;
  #page: Page = { show: "starting" };
  #passing: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get page(): Page {
    return this.#page;
  }

  /** Whether the page goes by itself, or with the start button. */
  get passes(): boolean {
    return this.#page.show === "codeRefused" || this.#page.show === "service";
  }

  wait(): void {
    this.leave();
    this.#page = { show: "waiting" };
  }

  /** Shows a page for its time; `over` is called when that has passed, and no other page was shown since. */
  pass(page: PassingPage, over: () => void): void {
    this.leave();
    const passing = new AbortController();
    this.#passing = passing;
    this.#page = page;
    // Aborted: someone pressed a button, or another page took its place.
    this.#clock.sleep(shownFor[page.show], passing.signal).then(over, () => undefined);
  }

  /** The page stays, and no longer goes by itself. */
  leave(): void {
    this.#passing?.abort();
    this.#passing = undefined;
  }
}
