import { type Clock, systemClock } from "../../../runtime/clock.ts";

/** Wall time that the test moves on. */
export function movingClock(): Clock & { pass(length: number): void } {
  let ahead = 0;
  return {
    ...systemClock,
    wall: () => systemClock.wall() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    pass: (length) => {
      ahead += length;
    },
  };
}
