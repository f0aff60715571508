import type { Fault } from "../../contracts/fault.ts";
import { type Millis, millis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Button, ButtonMoment } from "../port.ts";
import { buttonSettle, mountButton } from "./io.ts";
import type { InputLine } from "./lines.ts";

type Handler = (moment: ButtonMoment) => void;

/**
 * What johnny-five's Button makes of the contact, as presses, holds and releases with the moments of the line's edges.
 * After chatter it tells "down" or "up" of the last level only, so a told state is never told again.
 */
class Presses {
  readonly handlers: { press: Handler[]; hold: Handler[]; release: Handler[] } = { press: [], hold: [], release: [] };
  readonly #clock: Clock;
  #state: "open" | "closed" | "held" = "open";
  #closedAt: Millis | undefined;
  #openedAt: Millis = millis(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  edge(active: boolean, atMonotonic: Millis): void {
    if (active) this.#closedAt = atMonotonic;
    else this.#openedAt = atMonotonic;
  }

  down(): void {
    if (this.#state !== "open") return;
    this.#state = "closed";
    this.#tell("press", this.#closedAt ?? this.#clock.monotonic());
  }

  /** johnny-five repeats it as long as the button is down. */
  hold(): void {
    if (this.#state !== "closed") return;
    this.#state = "held";
    this.#tell("hold", this.#clock.monotonic());
  }

  up(): void {
    // While the process was busy a whole press can have come and gone; the stamps of its edges still tell it.
    if (this.#closedAt !== undefined && this.#openedAt - this.#closedAt > buttonSettle) this.down();
    this.#closedAt = undefined;
    if (this.#state === "open") return;
    this.#state = "open";
    this.#tell("release", this.#openedAt);
  }

  #tell(what: "press" | "hold" | "release", atMonotonic: Millis): void {
    for (const handler of this.handlers[what]) handler({ atMonotonic });
  }
}

/** A button on an input line that is held; closing the button closes the line. */
export async function buttonOn(line: InputLine, holdMillis: Millis, clock: Clock): Promise<Button> {
  const presses = new Presses(clock);
  const lost: ((fault: Fault) => void)[] = [];
  line.onEdge(({ active, atMonotonic }) => presses.edge(active, atMonotonic));
  const { component, unmount } = await mountButton(line, holdMillis);
  component.on("down", () => presses.down());
  component.on("hold", () => presses.hold());
  component.on("up", () => presses.up());
  const end = (): void => {
    component.removeAllListeners();
    unmount();
  };
  line.onLost((fault) => {
    end();
    for (const handler of lost) handler(fault);
  });
  return {
    onPress: (handler) => presses.handlers.press.push(handler),
    onHold: (handler) => presses.handlers.hold.push(handler),
    onRelease: (handler) => presses.handlers.release.push(handler),
    onLost: (handler) => lost.push(handler),
    close: () => {
      end();
      line.close();
    },
  };
}
