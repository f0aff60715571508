import t from "tap";
import { minutes } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { chip, lines } from "../../test/hil/contract.ts";
import { contact, plugChip, unplugChip } from "../../test/hil/guest/hardware.ts";
import { buttonConformance } from "./conformance.ts";
import { gpioButton } from "./gpio.ts";

// Emulation is slow: the runner would end a file after 30 s.
t.setTimeout(minutes(5));

const context = { clock: systemClock, log: silentLog() };

/**
 * The emulated machine moves a contact in several milliseconds: its chatter lasts longer than a real one's. What the
 * kernel debounces may be long; what the process debounces must leave it time to look while a short press lasts.
 */
const chatterMillis = { character: 40, sysfs: 20 };

for (const backend of ["character", "sysfs"] as const) {
  const options = gpioButton.options.parse({
    chip,
    line: lines.start,
    debounceMillis: chatterMillis[backend],
    holdMillis: 400,
    backend,
  });

  void t.test(`on simulated lines, ${backend}`, async (t) => {
    buttonConformance(t, async () => {
      let there = true;
      return {
        open: () => gpioButton.open(options, context),
        contact: (closed) => contact("start", closed),
        pressAnother: async () => {
          await contact("help", true);
          await systemClock.sleep(80);
          await contact("help", false);
        },
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

  void t.test(
    `a line that another holds is busy, ${backend}`,
    { skip: backend === "sysfs" && "sysfs has no holders" },
    async (t) => {
      const first = await gpioButton.open(options, context);
      await t.rejects(gpioButton.open(options, context), { code: "button.busy" });
      first.close();
      (await gpioButton.open(options, context)).close();
    },
  );

  void t.test(`a chip or line that is not there is missing, ${backend}`, async (t) => {
    await t.rejects(gpioButton.open({ ...options, chip: "pinctrl-bcm2711" }, context), { code: "button.missing" });
    await t.rejects(gpioButton.open({ ...options, line: 99 }, context), { code: "button.missing" });
  });
}

void t.test("a line that is held through the character device is busy for sysfs", async (t) => {
  const options = gpioButton.options.parse({ chip, line: lines.start });
  const first = await gpioButton.open(options, context);
  await t.rejects(gpioButton.open({ ...options, backend: "sysfs" }, context), { code: "button.busy" });
  first.close();
});
