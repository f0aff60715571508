import { seconds } from "../../contracts/units.ts";
import { systemClock as clock } from "../../runtime/clock.ts";

/** Waits until `ready` holds, looking often; the test fails with `what` when it never does. */
export async function until(what: string, ready: () => boolean | Promise<boolean>, limit = seconds(60)): Promise<void> {
  const end = clock.monotonic() + limit;
  while (!(await ready())) {
    if (clock.monotonic() > end) throw new Error(`still waiting for: ${what}`);
    await clock.sleep(15);
  }
}
