import t from "tap";
import { Fault } from "../contracts/fault.ts";
import { seconds } from "../contracts/units.ts";
import { systemClock as clock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { retryPolicies } from "../runtime/retry.ts";
import { type Again, Dispatcher, type Queue } from "./dispatch.ts";

type Row = { sequence: number; name: string; attempts: number; notBefore: number; done: boolean };

/** A queue in memory with the rules of the stored ones. */
function memoryQueue(rows: Row[]): Queue<Row> {
  const waiting = (except: readonly number[]): Row[] =>
    rows.filter((row) => !row.done && !except.includes(row.sequence));
  return {
    due: async ({ now, limit, except }) =>
      waiting(except)
        .filter((row) => row.notBefore <= now)
        .slice(0, limit),
    nextDue: async (except) => {
      const dues = waiting(except).map((row) => row.notBefore);
      return dues.length === 0 ? undefined : Math.min(...dues);
    },
    postpone: async (job, { notBefore }) => {
      Object.assign(job, { notBefore, attempts: job.attempts + 1 });
    },
  };
}

let sequence = 0;
const row = (name: string): Row => ({ sequence: ++sequence, name, attempts: 0, notBefore: 0, done: false });

async function dispatch(
  rows: Row[],
  work: (job: Row) => Promise<Again | undefined>,
  concurrency = 2,
): Promise<Dispatcher<Row>> {
  const options = {
    name: "test",
    queue: memoryQueue(rows),
    work,
    policy: retryPolicies.deliver,
    concurrency,
    clock,
    log: silentLog(),
  };
  const dispatcher = new Dispatcher<Row>(options);
  await dispatcher.start();
  return dispatcher;
}

async function until(ready: () => boolean): Promise<void> {
  const end = clock.monotonic() + seconds(10);
  while (!ready() && clock.monotonic() < end) await clock.sleep(5);
}

t.test("does all there is, never more at once than allowed", async (t) => {
  const rows = [row("a"), row("b"), row("c"), row("d")];
  let at = 0;
  let most = 0;
  const dispatcher = await dispatch(rows, async (job) => {
    most = Math.max(most, ++at);
    await clock.sleep(20);
    at--;
    job.done = true;
    return undefined;
  });
  await until(() => rows.every((one) => one.done));
  await dispatcher.stop();
  t.ok(rows.every((one) => one.done));
  t.equal(most, 2);
});

t.test("starts at once what comes with a ring", async (t) => {
  const rows: Row[] = [];
  let took = Number.NaN;
  const dispatcher = await dispatch(rows, async (job) => {
    took = clock.monotonic() - job.attempts;
    job.done = true;
    return undefined;
  });
  await clock.sleep(50);
  rows.push({ ...row("late"), attempts: clock.monotonic() });
  dispatcher.wake();
  await until(() => !Number.isNaN(took));
  await dispatcher.stop();
  t.ok(took < 500, `${took} ms`);
});

t.test("tries again after a failure, waits as long as the peer asks, and lets others pass meanwhile", async (t) => {
  const rows = [row("asks"), row("throws"), row("fine")];
  const tries: { name: string; at: number }[] = [];
  const dispatcher = await dispatch(rows, async (job) => {
    tries.push({ name: job.name, at: clock.monotonic() });
    if (job.attempts === 0 && job.name === "asks")
      return { again: new Fault("delivery.failed", "busy"), afterMillis: 700 };
    if (job.attempts === 0 && job.name === "throws") throw new Error("unforeseen");
    job.done = true;
    return undefined;
  });
  await until(() => rows.every((one) => one.done));
  await dispatcher.stop();
  const [first, second] = tries.filter(({ name }) => name === "asks").map(({ at }) => at);
  t.ok((second ?? 0) - (first ?? 0) >= 690);
  t.equal(tries.filter(({ name }) => name === "throws").length, 2);
  t.equal(tries.filter(({ name }) => name === "fine").length, 1);
});

t.test("takes nothing new after stop", async (t) => {
  const rows = [row("one")];
  const dispatcher = await dispatch(rows, async (job) => {
    job.done = true;
    return undefined;
  });
  await until(() => rows.every((one) => one.done));
  await dispatcher.stop();
  rows.push(row("two"));
  dispatcher.wake();
  await clock.sleep(50);
  t.equal(rows[1]?.done, false);
});

t.test("rests before it tries a row again whose outcome could not be noted, as on a full disk", async (t) => {
  const rows = [row("a")];
  let tries = 0;
  const queue: Queue<Row> = {
    ...memoryQueue(rows),
    postpone: async () => {
      throw new Fault("storage.full", "no space");
    },
  };
  const work = async (): Promise<Again> => {
    tries++;
    return { again: new Fault("delivery.failed", "no") };
  };
  const options = { name: "test", queue, work, policy: retryPolicies.deliver, concurrency: 2, clock, log: silentLog() };
  const dispatcher = new Dispatcher<Row>(options);
  await dispatcher.start();
  await clock.sleep(400);
  await dispatcher.stop();
  t.ok(tries >= 1 && tries <= 2, `${tries} tries in 0.4 s`);
});
