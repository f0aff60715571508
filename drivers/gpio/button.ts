import type { Fault } from "../../contracts/fault.ts";
import { type Millis, millis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Button, ButtonMoment } from "../port.ts";
import { buttonSettle, mountButton } from "./io.ts";
import type { InputLine } from "./lines.ts";

type Handler = (moment: ButtonMoment) => void;

/**
 * Presses, holds and releases with the moments of the line's edges. A line tells what lasted, so its first edge is the
 * press; whether the contact opened for good, and whether it is held, is what johnny-five's Button makes of the edges.
 */
class Presses {
  readonly handlers: { press: Handler[]; hold: Handler[]; release: Handler[] } = { press: [], hold: [], release: [] };
  readonly #clock: Clock;
  #state: "open" | "closed" | "held" = "open";
  /** The last opening, and the closing of the press that was told. */
  #openedAt: Millis = millis(0);
  #pressedAt: Millis = millis(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** While the process was busy the contact can have opened and closed: the stamps of its edges tell what was missed. */
  edge(active: boolean, atMonotonic: Millis): void {
    if (!active) {
      this.#openedAt = atMonotonic;
      return;
    }
    const stoodOpen = this.#openedAt > this.#pressedAt && atMonotonic - this.#openedAt > buttonSettle;
    if (this.#state !== "open" && stoodOpen) this.up();
    if (this.#state === "open") this.#press(atMonotonic);
  }

  /** johnny-five repeats it as long as the button is down. */
  hold(): void {
    if (this.#state !== "closed") return;
    this.#state = "held";
    this.#tell("hold", this.#clock.monotonic());
  }

  /** johnny-five tells "down" or "up" of the last level after chatter, so a told state is never told again. */
  up(): void {
    if (this.#state === "open") return;
    this.#state = "open";
    this.#tell("release", this.#openedAt);
  }

  #press(atMonotonic: Millis): void {
    this.#state = "closed";
    this.#pressedAt = atMonotonic;
    this.#tell("press", atMonotonic);
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
  component.on("hold", () => presses.hold());
  component.on("up", () => presses.up());
  const end = (): void => {
    component.removeAllListeners();
    unmount();
    line.close();
  };
  line.onLost((fault) => {
    // A line that is held stays the kernel's, though its chip is gone.
    end();
    for (const handler of lost) handler(fault);
  });
  return {
    onPress: (handler) => presses.handlers.press.push(handler),
    onHold: (handler) => presses.handlers.hold.push(handler),
    onRelease: (handler) => presses.handlers.release.push(handler),
    onLost: (handler) => lost.push(handler),
    close: end,
  };
}
