import { Fault } from "../../contracts/fault.ts";
import { type Millis, millis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Lamp } from "./lamp.ts";
import { ringPixels, ws2812Bytes } from "./ws2812.ts";

/** The data line of a ring. */
export type Wire = {
  /** Throws where the bus refuses. */
  send(bytes: Buffer): void;
  /** Throws when the bus is gone. */
  ask(): void;
  close(): void;
};

export type RingShape = { pixels: number; brightness: number };

/** Nobody is told when a bus goes, and a steady look sends nothing. */
const presence: Millis = millis(500);

export function ringLamp(wire: Wire, { pixels, brightness }: RingShape, clock: Clock): Lamp {
  const lost: ((fault: Fault) => void)[] = [];
  let over = false;
  const during = (work: () => void): void => {
    if (over) return;
    try {
      work();
    } catch (cause) {
      over = true;
      for (const handler of lost) handler(new Fault("led.lost", "the ring's SPI bus went away", { cause }));
    }
  };
  const stop = clock.every(presence, () => during(() => wire.ask()));
  return {
    paint: (shown) => during(() => wire.send(ws2812Bytes(ringPixels(shown, pixels), brightness))),
    onLost: (handler) => lost.push(handler),
    close: () => {
      stop();
      over = true;
      wire.close();
    },
    staysLit: "a ring keeps its last picture; show recordings on a light of its own, on a GPIO line",
  };
}
