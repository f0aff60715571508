import { type Millis, seconds } from "../contracts/units.ts";
import { systemClock } from "../runtime/clock.ts";

/** For conformance tests: whether `look` comes true within the time, looked at every 10 ms. */
export async function eventually(look: () => boolean | Promise<boolean>, limit: Millis = seconds(5)): Promise<boolean> {
  const end = systemClock.monotonic() + limit;
  while (!(await look())) {
    if (systemClock.monotonic() > end) return false;
    await systemClock.sleep(10);
  }
  return true;
}
