import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import t from "tap";
import { minutes, seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { ledName } from "../../test/hil/contract.ts";
import { eventually } from "../eventually.ts";
import { ledConformance } from "./conformance.ts";
import { sysfsLed } from "./sysfs.ts";

// Emulation is slow: the runner would end a file after 30 s.
t.setTimeout(minutes(5));

const context = { clock: systemClock, log: silentLog() };
const options = sysfsLed.options.parse({ name: ledName });
const triggers = ["pattern", "transient", "oneshot"] as const;
const run = promisify(execFile);

/** The kernel offers this trigger, and not the other ones. */
async function offer(wanted: (typeof triggers)[number]): Promise<void> {
  for (const trigger of triggers) await run("modprobe", [...(trigger === wanted ? [] : ["-r"]), `ledtrig-${trigger}`]);
}

/** A light lasts as long as its file of uleds is open (Documentation/leds/uleds): 64 bytes of name, then the full brightness. */
async function plugLight(): Promise<FileHandle> {
  const asked = Buffer.alloc(68);
  asked.write(ledName);
  asked.writeInt32LE(255, 64);
  const file = await open("/dev/uleds", "r+");
  await file.write(asked);
  return file;
}

const isLit = async (): Promise<boolean> =>
  (await readFile(`/sys/class/leds/${ledName}/brightness`, "utf8")).trim() !== "0";

/** This file once more, as the process that holds a light and is killed. */
const asHolder = process.argv.includes("--hold");
if (asHolder) {
  const led = await sysfsLed.open(options, context);
  led.show("recording");
  await systemClock.sleep(minutes(5));
}

for (const trigger of asHolder ? [] : triggers)
  void t.test(`a light of the kernel's with ${trigger}`, async (t) => {
    await offer(trigger);
    ledConformance(
      t,
      async () => {
        let light: FileHandle | undefined = await plugLight();
        const unplug = async (): Promise<void> => {
          await light?.close();
          light = undefined;
        };
        return { open: () => sysfsLed.open(options, context), isLit, unplug, close: unplug };
      },
      trigger === "oneshot" ? "listening" : "recording",
    );
  });

for (const trigger of asHolder ? [] : (["pattern", "transient"] as const))
  void t.test(`stays lit for as long as its holder lives, and is dark when that is killed, ${trigger}`, async (t) => {
    await offer(trigger);
    const light = await plugLight();
    const holder = spawn(process.execPath, [process.argv[1] ?? "", "--hold"], { stdio: "ignore" });
    t.ok(await eventually(isLit, minutes(3)), "lit by the other process");
    let [seen, dark] = [0, 0];
    for (const end = systemClock.monotonic() + seconds(3); systemClock.monotonic() < end; seen++) {
      if (!(await isLit())) dark++;
      await systemClock.sleep(10);
    }
    t.comment(`${dark} of ${seen} looks in 3 s saw it dark`);
    t.ok(dark < seen / 10);
    const gone = once(holder, "exit");
    holder.kill("SIGKILL");
    await gone;
    const killed = systemClock.monotonic();
    t.ok(await eventually(async () => !(await isLit())));
    t.comment(`dark ${Math.round(systemClock.monotonic() - killed)} ms after its holder was gone`);
    await light.close();
  });
