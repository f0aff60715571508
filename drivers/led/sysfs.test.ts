import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { TestClock } from "../../test/rigs/agent.ts";
import { holdingOf } from "../light/holding.ts";
import { ledConformance } from "./conformance.ts";
import { sysfsLed } from "./sysfs.ts";

const context = { clock: systemClock, log: silentLog() };

/** The files of a light, as the kernel gives them; what a trigger brings is there already. */
function lightFolder(t: Test, files: Readonly<Record<string, string>> = {}) {
  const root = t.testdir();
  const folder = join(root, "class", "leds", "status");
  const all = { brightness: "0", max_brightness: "255", trigger: "[none] timer oneshot", ...files };
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(all)) writeFileSync(join(folder, file), `${text}\n`);
  return { root, folder, read: (file: string) => readFileSync(join(folder, file), "utf8").trim() };
}

const open = (root: string, clock = context.clock) => sysfsLed.open({ root, name: "status" }, { ...context, clock });

void t.test("without a trigger that ends by itself", async (t) => {
  ledConformance(
    t,
    async () => {
      const { root, folder, read } = lightFolder(t);
      return {
        open: () => open(root),
        isLit: async () => read("brightness") !== "0",
        unplug: async () => rmSync(folder, { recursive: true }),
        close: async () => undefined,
      };
    },
    "listening",
  );
});

void t.test("with the pattern trigger", async (t) => {
  ledConformance(t, async () => {
    const files = { trigger: "[none] timer pattern", pattern: "", repeat: "-1" };
    const { root, folder, read } = lightFolder(t, files);
    return {
      open: () => open(root),
      isLit: async () => /^[1-9]/.test(read("pattern")),
      unplug: async () => rmSync(folder, { recursive: true }),
      close: async () => undefined,
    };
  });
});

t.test("shows no recording where nothing would darken the light after its process", async (t) => {
  const { root, read } = lightFolder(t);
  const led = await open(root);
  const lost: string[] = [];
  led.onLost(({ code }) => lost.push(code));
  led.show("recording");
  await systemClock.sleep(10);
  t.strictSame(lost, ["led.format"]);
  t.equal(read("brightness"), "0");
});

t.test("a pattern is begun anew four times a second while it is lit, and not when it is dark", async (t) => {
  const clock = new TestClock();
  const { root, folder, read } = lightFolder(t, { trigger: "[mmc0] pattern transient", pattern: "", repeat: "-1" });
  const led = await open(root, clock);
  t.equal(read("trigger"), "pattern");
  led.show("recording");
  t.equal(read("pattern"), "255 800 255 0 0 1 0 0");
  for (const lit of [true, true, false]) {
    writeFileSync(join(folder, "repeat"), "0");
    if (!lit) led.show("off");
    if (!lit) writeFileSync(join(folder, "repeat"), "0");
    await clock.pass(300);
    t.equal(read("repeat"), lit ? "1" : "0");
  }
  led.close();
  t.equal(read("brightness"), "0");
});

t.test("a light of more colours gets the share of each in its own order", async (t) => {
  const { root, read } = lightFolder(t, {
    max_brightness: "100",
    multi_index: "green red blue white",
    multi_intensity: "0 0 0 0",
  });
  const led = await open(root);
  led.show("fault");
  t.equal(read("multi_intensity"), "60 100 0 0");
  t.equal(read("brightness"), "100");
  led.close();
  t.equal(read("brightness"), "0");
});

t.test("says of a light that is not there, and of one that may not be written, what to do", async (t) => {
  const { root, folder } = lightFolder(t);
  await t.rejects(sysfsLed.open({ root, name: "other" }, context), { code: "led.missing" });
  if (process.getuid?.() === 0) return;
  chmodSync(join(folder, "brightness"), 0o444);
  await t.rejects(open(root), { code: "led.permission" });
});

t.test("chooses the trigger that holds a light without a gap, and none that cannot be held", async (t) => {
  t.equal(holdingOf("none [mmc0] transient pattern")?.trigger, "pattern");
  t.equal(holdingOf("none timer oneshot [transient]")?.trigger, "transient");
  t.equal(holdingOf("[none] timer oneshot heartbeat"), undefined);
});
