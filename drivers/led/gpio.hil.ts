import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { minutes } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { chip, lines } from "../../test/hil/contract.ts";
import { isLit, plugChip, unplugChip } from "../../test/hil/guest/hardware.ts";
import { eventually } from "../eventually.ts";
import { ledConformance } from "./conformance.ts";
import { gpioLed } from "./gpio.ts";

// Emulation is slow: the runner would end a file after 30 s.
t.setTimeout(minutes(5));

const context = { clock: systemClock, log: silentLog() };
/** A line by sysfs outlives its process, so it shows no recording. */
const lookOf = { character: "recording", sysfs: "listening" } as const;

/** This file once more, as the process that holds a light and is killed. */
const asHolder = process.argv.includes("--hold");
if (asHolder) {
  const led = await gpioLed.open(gpioLed.options.parse({ chip, line: lines["recording-camera"] }), context);
  led.show("recording");
  await systemClock.sleep(minutes(5));
}

if (!asHolder)
  void t.test("is dark when its holder is killed, character", async (t) => {
    const holder = spawn(process.execPath, [process.argv[1] ?? "", "--hold"], { stdio: "ignore" });
    t.ok(await eventually(() => isLit("recording-camera"), minutes(1)), "lit by the other process");
    const gone = once(holder, "exit");
    holder.kill("SIGKILL");
    await gone;
    t.ok(await eventually(async () => !(await isLit("recording-camera"))));
  });

for (const backend of asHolder ? [] : (["character", "sysfs"] as const))
  for (const activeLow of [false, true]) {
    const options = gpioLed.options.parse({ chip, line: lines["recording-mic"], activeLow, backend });

    void t.test(`on a simulated line, ${backend}, lit while ${activeLow ? "low" : "high"}`, async (t) => {
      ledConformance(
        t,
        async () => {
          let [there, held] = [true, false];
          return {
            open: async () => {
              const led = await gpioLed.open(options, context);
              held = true;
              return {
                ...led,
                close: () => {
                  held = false;
                  led.close();
                },
              };
            },
            // A line that nobody holds stands at its bias: what lights a lamp is a line that is driven.
            isLit: async () => held && (await isLit("recording-mic")) !== activeLow,
            unplug: async () => {
              there = false;
              await unplugChip();
            },
            close: async () => {
              if (!there) await plugChip();
            },
          };
        },
        lookOf[backend],
      );
    });
  }
