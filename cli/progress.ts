import { seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";

/** How long the rest takes if it goes on as it went so far. */
export function left(done: number, total: number, elapsedMillis: number): string {
  const remaining = done === 0 ? 0 : Math.ceil(((elapsedMillis / done) * (total - done)) / 1000);
  if (remaining < 90) return `about ${remaining} s left`;
  return `about ${Math.round(remaining / 60)} min left`;
}

/** Tells on stderr how far it is: on a terminal in one line, elsewhere every 5 s. `doing` is the verb: "scored 3 of 20". */
export function teller(total: number, clock: Clock, doing = "scored"): { at(done: number): void; end(): void } {
  const every = process.stderr.isTTY ? seconds(0.2) : seconds(5);
  const begun = clock.monotonic();
  let told = begun;
  let shown = false;
  return {
    at(done) {
      if (clock.monotonic() - told < every) return;
      told = clock.monotonic();
      shown = true;
      const sentence = `${doing} ${done} of ${total}, ${left(done, total, told - begun)}`;
      process.stderr.write(process.stderr.isTTY ? `\r${sentence}\x1b[K` : `${sentence}\n`);
    },
    end() {
      if (shown && process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    },
  };
}
