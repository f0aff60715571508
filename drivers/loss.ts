import type { Fault } from "../contracts/fault.ts";
import type { Millis } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";

export type LossOptions = {
  clock: Clock;
  /** How often the hardware is asked whether it is there. */
  every: Millis;
  /** Throws where it is not. */
  ask: () => void;
  /** What is told when it went away. */
  fault: (cause: unknown) => Fault;
};

/** Sees that hardware goes away by itself, at what is done with it or in between, and tells it once. */
export class Loss {
  readonly #fault: (cause: unknown) => Fault;
  readonly #handlers: ((fault: Fault) => void)[] = [];
  readonly #stop: () => void;
  #over = false;

  constructor({ clock, every, ask, fault }: LossOptions) {
    this.#fault = fault;
    this.#stop = clock.every(every, () => this.during(ask));
  }

  onLost(handler: (fault: Fault) => void): void {
    this.#handlers.push(handler);
  }

  /** Does something with the hardware; that it fails means that it is gone. */
  during(work: () => void): void {
    if (this.#over) return;
    try {
      work();
    } catch (error) {
      this.tell(error);
    }
  }

  tell(cause: unknown): void {
    if (this.#over) return;
    this.end();
    const fault = this.#fault(cause);
    for (const handler of this.#handlers) handler(fault);
  }

  /** Nothing is told any more. */
  end(): void {
    this.#over = true;
    this.#stop();
  }
}
