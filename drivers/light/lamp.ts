import { Fault } from "../../contracts/fault.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Led } from "../port.ts";
import { type Painted, playLook } from "./player.ts";

/** A lamp that is held, and what puts a colour on it. */
export type Lamp = {
  paint(shown: Painted): void;
  /** Called once when the hardware goes away by itself. */
  onLost(handler: (fault: Fault) => void): void;
  /** Lets go of the lamp, which is dark by then. */
  close(): void;
  /** Set where the lamp stays as it was when its process is killed: what to use instead. */
  staysLit?: string;
};

const refusal = (instead: string): Fault =>
  new Fault("led.format", `this light would still tell of a recording after its process was killed: ${instead}`);

/**
 * Shows looks on a lamp. Closing darkens it; the first loss ends it. A lamp that outlives its process does not show a
 * recording: it goes dark and is told as lost, since a light that may be wrong is worse than one that is missed.
 */
export function lightOf(lamp: Lamp, clock: Clock): Led {
  const player = playLook({ clock, paint: (shown) => lamp.paint(shown) });
  const lost: ((fault: Fault) => void)[] = [];
  let over = false;
  const end = (): void => {
    over = true;
    player.stop();
    lamp.close();
  };
  const lose = (fault: Fault): void => {
    if (over) return;
    end();
    // Later, so that whoever shows a look before he asks for losses is told too.
    queueMicrotask(() => {
      for (const handler of lost) handler(fault);
    });
  };
  lamp.onLost(lose);
  return {
    show: (look) => {
      if (over) return;
      if (look === "recording" && lamp.staysLit !== undefined) lose(refusal(lamp.staysLit));
      else player.show(look);
    },
    onLost: (handler) => lost.push(handler),
    close: () => {
      if (!over) end();
    },
  };
}
