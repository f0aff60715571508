import { type Millis, seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";

/** How long a test waits for something and what it waits for, in words that make the failure readable. */
export type Patience = { what: string; limit?: Millis; pause?: Millis };

/** Asks `look` again and again until it hands back something; fails with `what` after `limit`. */
export async function eventually<T>(
  { what, limit = seconds(20), pause = 50 }: Patience,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const begun = systemClock.monotonic();
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (systemClock.monotonic() - begun > limit)
      throw new Error(`waited ${Math.round(limit / 100) / 10} s in vain: ${what}`);
    await systemClock.sleep(pause);
  }
}
