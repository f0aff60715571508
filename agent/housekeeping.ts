import { hours, seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Part } from "../runtime/parts.ts";
import type { CentreTime } from "./centreTime.ts";
import { type Health, type HealthDocument, writeHealth } from "./health.ts";
import type { Orders } from "./orders.ts";
import type { SessionStore } from "./sessionStore.ts";

const healthEvery = seconds(5);

/** A part made of two functions. */
export const part = (name: string, start: () => Promise<void>, stop: () => Promise<void> | void): Part => ({
  name,
  start,
  stop: async () => stop(),
});

/** Recordings and orders whose day is over go, at the start and then each hour, once a clock can be believed. */
export function retentionPart(
  clock: Clock,
  { store, orders, time, health }: { store: SessionStore; orders: Orders; time: CentreTime; health: Health },
): Part {
  let stop: (() => void) | undefined;
  const expire = async (): Promise<void> => {
    const now = time.judging();
    const count = (name: string) => (error: unknown) => health.count(error, name);
    await store.expire(now, count("recordings")).catch(count("recordings"));
    await orders.expire(now, count("orders"));
  };
  return part(
    "retention",
    async () => {
      stop = clock.every(hours(1), expire);
      await expire();
    },
    () => stop?.(),
  );
}

/** Writes how the device is for whoever looks after it. */
export function healthPart(
  { clock, runDirectory }: { clock: Clock; runDirectory: string },
  { document, health }: { document: () => HealthDocument; health: Health },
): Part {
  let stopTelling: (() => void) | undefined;
  const tell = async (): Promise<void> => {
    try {
      await writeHealth(runDirectory, document());
      health.stamp("health");
    } catch (error) {
      health.count(error, "health");
    }
  };
  return part(
    "health",
    async () => {
      await tell();
      stopTelling = clock.every(healthEvery, tell);
    },
    () => stopTelling?.(),
  );
}
