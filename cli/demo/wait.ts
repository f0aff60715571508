import { Fault } from "../../contracts/fault.ts";
import { type Millis, millis } from "../../contracts/units.ts";
import { type Clock, deadline } from "../../runtime/clock.ts";

export type Wait = { what: string; limit: Millis; clock: Clock };

const poll = millis(100);

/** Asks until there is an answer. @throws Fault process.stuck that names what did not come */
export function waitFor<T>({ what, limit, clock }: Wait, ask: () => Promise<T | undefined>): Promise<T> {
  const late = (): Fault => new Fault("process.stuck", `${what} did not come within ${limit / 1000} s`);
  return deadline(limit, late, async (signal) => {
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      await clock.sleep(poll, signal);
    }
  });
}
