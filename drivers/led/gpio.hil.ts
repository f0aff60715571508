import t from "tap";
import { minutes } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { chip, lines } from "../../test/hil/contract.ts";
import { isLit, plugChip, unplugChip } from "../../test/hil/guest/hardware.ts";
import { ledConformance } from "./conformance.ts";
import { gpioLed } from "./gpio.ts";

// Emulation is slow: the runner would end a file after 30 s.
t.setTimeout(minutes(5));

const context = { clock: systemClock, log: silentLog() };

for (const backend of ["character", "sysfs"] as const)
  for (const activeLow of [false, true]) {
    const options = gpioLed.options.parse({ chip, line: lines["recording-mic"], activeLow, backend });

    void t.test(`on a simulated line, ${backend}, lit while ${activeLow ? "low" : "high"}`, async (t) => {
      ledConformance(t, async () => {
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
      });
    });
  }
