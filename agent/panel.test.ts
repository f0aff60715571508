import t from "tap";
import { seconds } from "../contracts/units.ts";
import { systemClock } from "../runtime/clock.ts";
import { Page } from "../test/device/page.ts";
import { eventually } from "../test/device/waiting.ts";
import { openSolo } from "../test/rigs/solo.ts";

t.test("start and help held together show how the device is, until start is pressed", async (t) => {
  const rig = await openSolo();
  t.teardown(rig.close);
  const agent = await rig.agent();
  t.teardown(() => agent.stop());
  const page = new Page(rig.runDirectory);
  t.teardown(async () => page.close());
  await page.until("the waiting page", ({ show }) => show === "waiting");
  const lit = async () => ((await rig.hand.state()).leds["status"] ? true : undefined);
  await eventually({ what: "the status light" }, lit);
  // Again and again: buttons open after the page, and a contact that was closed before is no press.
  await eventually({ what: "the service page", limit: seconds(30) }, async () => {
    for (const button of ["start", "help"]) await rig.hand.contact(button, true);
    await systemClock.sleep(seconds(3.5));
    for (const button of ["start", "help"]) await rig.hand.contact(button, false);
    return page.shown?.show === "service" ? true : undefined;
  });
  const { service, candidateName } = await page.until("the service page", ({ show }) => show === "service");
  t.match(service, { software: /^\d/, deviceId: String, faults: Array });
  t.ok(service?.parts.some(({ name, state }) => name === "buttons" && state === "working"));
  t.equal(candidateName, undefined);
  await rig.hand.press("start");
  await page.until("the waiting page", ({ show }) => show === "waiting");
  t.equal((await rig.hand.state()).leds["recording"], false);
});
