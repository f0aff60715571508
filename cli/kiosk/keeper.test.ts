import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { Agent } from "../../agent/main.ts";
import { pageLife } from "../../contracts/screen.ts";
import { seconds } from "../../contracts/units.ts";
import { eventually } from "../../drivers/eventually.ts";
import { systemClock } from "../../runtime/clock.ts";
import { loadConfig } from "../../runtime/config.ts";
import { writeDurably } from "../../runtime/durable.ts";
import { silentLog } from "../../runtime/log.ts";
import { Page } from "../../test/device/page.ts";
import { openSolo } from "../../test/rigs/solo.ts";
import { type KioskConfig, kioskConfig } from "./config.ts";
import { isSilent, Keeper } from "./keeper.ts";

t.test("a page is silent when it does not come up in time, or has given no sign of life for long", async (t) => {
  const limits = { silenceSeconds: 20, startSeconds: 90 };
  const startedAt = 1000;
  const silent = (beatAt: number | undefined, now: number) => isSilent({ startedAt, beatAt }, now, limits);
  t.equal(silent(undefined, startedAt + seconds(90)), false);
  t.equal(silent(undefined, startedAt + seconds(91)), true);
  t.equal(
    silent(startedAt - 1, startedAt + seconds(30)),
    false,
    "a sign of the browser before says nothing of this one",
  );
  t.equal(silent(startedAt + 10, startedAt + 10 + seconds(20)), false);
  t.equal(silent(startedAt + 10, startedAt + 10 + seconds(21)), true);
});

/** A browser as the kiosk knows it: a program that gets an address, and whose page beats while it is not stopped. */
const browser = `
const [, , address] = process.argv;
const entered = await fetch(address, { redirect: "manual" });
const cookie = entered.headers.get("set-cookie").split(";")[0];
for (;;) {
  await fetch(new URL("/beat", address), { method: "POST", headers: { cookie } }).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
`;

/** Whether any process of this group is there; one that has ended is until the machine's first process has taken note. */
function groupThere(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Whether a page of this agent comes to give signs of life. */
async function beats({ ready: { origin, token } }: Agent): Promise<boolean> {
  return eventually(async () => {
    const answer = await fetch(`${origin}/beat`, { headers: { authorization: `Bearer ${token}` } });
    const { sinceMillis } = pageLife.parse(await answer.json());
    return sinceMillis !== null && sinceMillis < 500;
  }, seconds(20));
}

async function openRig() {
  const solo = await openSolo();
  const { scratch, runDirectory } = solo;
  await writeFile(join(scratch, "browser.mjs"), browser);
  const started: number[] = [];
  const keeper = (limits: Pick<KioskConfig, "silenceSeconds" | "startSeconds">, browserCommand: string[]): Keeper =>
    new Keeper({
      config: { ...loadConfig(kioskConfig, { flags: { runDirectory } }), browserCommand, ...limits },
      clock: systemClock,
      log: silentLog(),
      onStart: (pid) => started.push(pid),
    });
  const limits = { silenceSeconds: 3, startSeconds: 10 };
  const kiosk = keeper(limits, [process.execPath, join(scratch, "browser.mjs")]);
  const broken = keeper(limits, ["/no/such/browser"]);
  return { ...solo, keeper, kiosk, broken, started };
}

t.test("starts a browser that hangs again, and the buttons work while it is dead", async (t) => {
  const rig = await openRig();
  t.teardown(rig.close);
  await rig.kiosk.start();
  t.teardown(() => rig.kiosk.stop());
  await systemClock.sleep(300);
  t.strictSame(rig.started, [], "no browser before the agent is ready");
  const agent = await rig.agent();
  t.teardown(() => agent.stop());
  const page = new Page(rig.runDirectory);
  t.teardown(async () => page.close());
  t.ok(await beats(agent));
  t.equal(rig.started.length, 1);

  const [first = 0] = rig.started;
  process.kill(-first, "SIGSTOP");
  await page.until("the waiting page", ({ show }) => show === "waiting");
  await rig.showCode("no code of ours");
  await page.until("the refusal", ({ show }) => show === "codeRefused");
  const before = systemClock.monotonic();
  await eventually(async () => {
    await rig.hand.press("start");
    return page.shown?.show === "waiting";
  });
  t.ok(systemClock.monotonic() - before < seconds(5), "by the button, not by the refusal's own end");
  t.ok(await eventually(() => rig.started.length === 2, seconds(20)), "started again");
  t.ok(await beats(agent));
  t.throws(() => process.kill(first, 0), { code: "ESRCH" }, "the one that hung is gone");
});

t.test(
  "shows the new page of an agent that was started again, and takes the browser with it when it ends",
  async (t) => {
    const rig = await openRig();
    t.teardown(rig.close);
    const first = await rig.agent();
    await rig.kiosk.start();
    t.ok(await eventually(() => rig.started.length === 1));
    await first.stop();
    await systemClock.sleep(1500);
    t.equal(rig.started.length, 1, "an agent that is away is no reason");
    const second = await rig.agent();
    t.ok(await eventually(() => rig.started.length === 2, seconds(20)));
    await rig.kiosk.stop();
    for (const pid of rig.started) t.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    await second.stop();
  },
);

t.test("tries a browser that is not installed ever again", async (t) => {
  const rig = await openRig();
  t.teardown(rig.close);
  const ready = { screenUrl: "http://127.0.0.1:9/", origin: "http://127.0.0.1:9", token: "token" };
  await writeDurably(join(rig.runDirectory, "agent.ready.json"), JSON.stringify(ready));
  await rig.broken.start();
  t.ok(await eventually(() => rig.started.length >= 3, seconds(20)));
  await rig.broken.stop();
});

const chromium = "/usr/bin/chromium";
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];

t.test(
  "the real page beats in a real browser",
  { skip: existsSync(chromium) ? false : "no Chromium here" },
  async (t) => {
    const rig = await openRig();
    t.teardown(rig.close);
    const agent = await rig.agent();
    t.teardown(() => agent.stop());
    const kiosk = rig.keeper({ silenceSeconds: 20, startSeconds: 60 }, [
      chromium,
      ...flags,
      `--user-data-dir=${join(rig.scratch, "profile")}`,
    ]);
    await kiosk.start();
    t.ok(await beats(agent));
    // The page beats every 5 s: a second sign of life is its timer's.
    await systemClock.sleep(1000);
    t.ok(await beats(agent));
    t.equal(rig.started.length, 1);
    await kiosk.stop();
    t.ok(await eventually(() => !groupThere(rig.started[0] ?? 0)), "with all it started");
  },
);
