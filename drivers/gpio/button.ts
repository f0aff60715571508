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
  /** The last edges, and the closing of the press that was told. */
  #closedAt: Millis = millis(0);
  #openedAt: Millis = millis(0);
  #pressedAt: Millis = millis(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  edge(active: boolean, atMonotonic: Millis): void {
    if (active) this.#closedAt = atMonotonic;
    else this.#openedAt = atMonotonic;
  }

  /** While the process was busy the contact can have opened and closed: the stamps of its edges tell what was missed. */
  down(): void {
    const stoodOpen = this.#openedAt > this.#pressedAt && this.#closedAt - this.#openedAt > buttonSettle;
    if (this.#state !== "open" && stoodOpen) this.#release();
    if (this.#state === "open") this.#press();
  }

  /** johnny-five repeats it as long as the button is down. */
  hold(): void {
    if (this.#state !== "closed") return;
    this.#state = "held";
    this.#tell("hold", this.#clock.monotonic());
  }

  /** As with `down`: a whole press can have come and gone. */
  up(): void {
    const stoodClosed = this.#closedAt > this.#pressedAt && this.#openedAt - this.#closedAt > buttonSettle;
    if (this.#state === "open" && stoodClosed) this.#press();
    if (this.#state !== "open") this.#release();
  }

  #press(): void {
    this.#state = "closed";
    this.#pressedAt = this.#closedAt;
    this.#tell("press", this.#closedAt);
  }

  #release(): void {
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
