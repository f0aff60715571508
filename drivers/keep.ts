import { asFault, type Fault } from "../contracts/fault.ts";
import type { Clock } from "../runtime/clock.ts";
import { backOff, retryPolicies } from "../runtime/retry.ts";

export type KeepOptions = { clock: Clock; signal: AbortSignal; onFault: (fault: Fault) => void };

/**
 * Keeps a piece of hardware open for as long as the signal lasts. `serve` opens it and stays until it is lost, which it
 * tells by throwing; it calls `delivers` when the hardware works, so that the next loss is followed by a quick reopening
 * again. The wait between tries grows as `retryPolicies.reopen` says. Resolves when the signal is aborted.
 */
export async function keepOpen(
  { clock, signal, onFault }: KeepOptions,
  serve: (delivers: () => void) => Promise<void>,
): Promise<void> {
  let attempt = 0;
  const works = (): void => {
    attempt = 0;
  };
  while (!signal.aborted) {
    try {
      await serve(works);
    } catch (error) {
      if (signal.aborted) return;
      onFault(asFault(error));
    }
    try {
      await clock.sleep(backOff(retryPolicies.reopen, attempt++, clock.random), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
