import type { Clock } from "../../runtime/clock.ts";
import type { Look } from "../port.ts";

export type Colour = { red: number; green: number; blue: number };
export function playLook({ paint }: { clock: Clock; paint: (colour: Colour) => void }): {
  show(look: Look): void;
  stop(): void;
} {
  const p = (v: number) => paint({ red: v, green: v, blue: v });
  return { show: (look) => p(look === "off" ? 0 : 1), stop: () => p(0) };
}
