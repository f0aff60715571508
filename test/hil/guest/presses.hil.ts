import t from "tap";
import { boards } from "../../../boards/registry.ts";
import { millis, seconds } from "../../../contracts/units.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { buttonRows, timePresses } from "../../bench/buttons.ts";
import { contact } from "./hardware.ts";

/** From the edge on the kernel's line to the agent's handler. No assertion on times: emulation is slow; the figures are told. */
t.test("every press on a line of the kernel's reaches the agent's handler", async (t) => {
  const { start } = boards.bench.mounts.buttons;
  for (const backend of ["character", "sysfs"] as const) {
    const mount = { ...start, options: { ...start.options, backend } };
    const close = (closed: boolean): Promise<void> => contact("start", closed);
    const times = await timePresses({ mount, contact: close, presses: 300, pause: millis(120) });
    t.equal(times.taken.length, 300);
    // The line is let go of after its button was closed.
    await systemClock.sleep(seconds(1));
    for (const { name, measured, peer } of buttonRows(backend, times, null))
      t.comment(`measured: ${name}: ${measured.toFixed(1)} ms (the contact alone ${peer?.toFixed(1)} ms)`);
  }
});
