import { Fault } from "../../contracts/fault.ts";
import { type Millis, millis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import { Loss } from "../loss.ts";
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
  const loss = new Loss({
    clock,
    every: presence,
    ask: () => wire.ask(),
    fault: (cause) => new Fault("led.lost", "the ring's SPI bus went away", { cause }),
  });
  return {
    paint: (shown) => loss.during(() => wire.send(ws2812Bytes(ringPixels(shown, pixels), brightness))),
    onLost: (handler) => loss.onLost(handler),
    close: () => {
      loss.end();
      wire.close();
    },
    staysLit: "a ring keeps its last picture; show recordings on a light of its own, on a GPIO line",
  };
}
