import t from "tap";
import { minutes } from "../contracts/units.ts";
import { openBoardBench } from "../drivers/emulator/bench.ts";
import { eventually } from "../drivers/eventually.ts";
import { emulatedScreen } from "../drivers/screen/emulated.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { Dimmer } from "./dimmer.ts";
import { Health } from "./health.ts";

async function openRig(idleMinutes: number) {
  const bench = await openBoardBench();
  const { folder, hand, context } = bench;
  let passed = 0;
  const clock: Clock = {
    ...systemClock,
    monotonic: () => systemClock.monotonic() + passed,
    every: (_, work) => systemClock.every(20, work),
  };
  const health = new Health({ clock, log: silentLog() });
  const open = () => emulatedScreen.open({ folder }, context);
  const dimmer = new Dimmer({ clock, health, idleMinutes, brightness: 0.8, open });
  await dimmer.start();
  const light = async (wanted: number): Promise<boolean> =>
    eventually(async () => (await hand.state()).screen.brightness === wanted);
  const pass = (count: number): void => {
    passed += minutes(count);
  };
  const close = async (): Promise<void> => {
    await dimmer.stop();
    await bench.close();
  };
  return { ...bench, health, dimmer, light, pass, close };
}

t.test("dims when nobody is there, and wakes at a press and at a page that is not the waiting one", async (t) => {
  const { dimmer, light, pass, close } = await openRig(10);
  t.ok(await light(0.8), "as bright as configured");
  pass(9);
  dimmer.saw("waiting");
  pass(2);
  t.ok(await light(0), "a waiting page that is drawn again is nobody");
  dimmer.wake();
  t.ok(await light(0.8), "a press");
  pass(11);
  t.ok(await light(0));
  dimmer.saw("notice");
  t.ok(await light(0.8), "a code");
  pass(60);
  await systemClock.sleep(100);
  t.ok(await light(0.8), "never while a candidate is there");
  dimmer.saw("waiting");
  pass(11);
  t.ok(await light(0));
  await close();
});

t.test("never dims where no minutes are set, and sets the light again on a screen that came back", async (t) => {
  const { light, pass, close } = await openRig(0);
  t.ok(await light(0.8));
  pass(1000);
  await systemClock.sleep(100);
  t.ok(await light(0.8));
  await close();

  const other = await openRig(10);
  await other.unplug();
  other.pass(11);
  const state = () => other.health.beats()["display"]?.state;
  t.ok(await eventually(() => state() === "degraded"));
  await other.plug();
  t.ok(await eventually(() => state() === "resting"), "dimmed as soon as it is there again");
  await other.close();
});
