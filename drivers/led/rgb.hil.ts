import t from "tap";
import { minutes } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { chip, lines } from "../../test/hil/contract.ts";
import { isLit, plugChip, unplugChip } from "../../test/hil/guest/hardware.ts";
import { ledConformance } from "./conformance.ts";
import { rgbLed } from "./rgb.ts";

// Emulation is slow: the runner would end a file after 30 s.
t.setTimeout(minutes(5));

const context = { clock: systemClock, log: silentLog() };
/** A line by sysfs outlives its process, so it shows no recording. */
const lookOf = { character: "recording", sysfs: "listening" } as const;
const colours = ["red", "green", "blue"] as const;

for (const backend of ["character", "sysfs"] as const) {
  const options = rgbLed.options.parse({
    chip,
    lines: { red: lines.red, green: lines.green, blue: lines.blue },
    backend,
  });

  void t.test(`on three simulated lines, ${backend}`, async (t) => {
    ledConformance(
      t,
      async () => {
        let there = true;
        return {
          open: () => rgbLed.open(options, context),
          isLit: async () => (await Promise.all(colours.map(isLit))).includes(true),
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

  void t.test(`holds none of its lines when one of them is held by another, ${backend}`, async (t) => {
    const other = await rgbLed.open({ ...options, backend: "character" }, context);
    await t.rejects(rgbLed.open({ ...options, lines: { red: 13, green: 14, blue: lines.blue } }, context), {
      code: "led.busy",
    });
    const free = await rgbLed.open({ ...options, lines: { red: 13, green: 14, blue: 15 } }, context);
    free.close();
    other.close();
  });
}
