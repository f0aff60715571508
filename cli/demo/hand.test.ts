import { join } from "node:path";
import { Readable } from "node:stream";
import t from "tap";
import { emulatedButton } from "../../drivers/button/emulated.ts";
import { openBoardBench } from "../../drivers/emulator/bench.ts";
import { eventually } from "../../drivers/eventually.ts";
import { emulatedSensor } from "../../drivers/sensor/emulated.ts";
import { emulatedSpeaker } from "../../drivers/speaker/emulated.ts";
import { systemClock } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { followLines } from "./hand.ts";

const picture = join(projectRoot, "test", "fixtures", "face", "astronaut.jpg");

t.test("does what each line says, and goes on after one that is refused", async (t) => {
  const { hand: emulator, close } = await openBoardBench();
  t.teardown(close);
  const told: string[] = [];
  const hand = { emulator, clock: systemClock, order: async () => picture };
  const lines = ["code\n", "dance\n", "press Z\n", "play no-such-clip.opus\n", "\n", "  press start \n"];
  await followLines(Readable.from(lines), hand, (sentence) => told.push(sentence));
  t.equal((await emulator.state()).picture, picture);
  t.equal(told.length, 3);
  t.match(told[0], /"dance" is not known here.*\(use\.invalid\)/);
  t.match(told[1], /the button.*\(use\.invalid\)/);
  await followLines(Readable.from(["empty\n"]), hand, (sentence) => told.push(sentence));
  t.equal((await emulator.state()).picture, "empty");
});

t.test("bends the hardware as a line says, and straightens it again", async (t) => {
  const { folder, hand: emulator, context, close } = await openBoardBench();
  t.teardown(close);
  const told: string[] = [];
  const type = (...lines: string[]): Promise<void> =>
    followLines(
      Readable.from(lines.map((line) => `${line}\n`)),
      { emulator, clock: systemClock, order: async () => picture },
      (sentence) => told.push(sentence),
    );
  const button = await emulatedButton.open({ folder, button: "start", holdMillis: 200 }, context);
  const moments: string[] = [];
  button.onPress(() => moments.push("press"));
  button.onHold(() => moments.push("hold"));
  button.onRelease(() => moments.push("release"));
  await type("bounce start", "hold start 400", "contact start closed");
  t.ok(await eventually(() => moments.length >= 6));
  await type("contact start open");
  t.ok(await eventually(() => moments.length >= 7));
  t.strictSame(moments, ["press", "release", "press", "hold", "release", "press", "release"]);
  button.close();

  const sensor = await emulatedSensor.open({ folder }, context);
  await type("sense temperature=83 volts=4.6 throttled=underVoltage,frequencyCapped");
  t.ok(await eventually(async () => (await sensor.read()).temperatureCelsius === 83));
  t.match(await sensor.read(), { supplyVolts: 4.6, throttled: ["underVoltage", "frequencyCapped"] });
  await type("sense throttled=");
  t.ok(await eventually(async () => (await sensor.read()).throttled?.length === 0));
  sensor.close();

  const open = () => emulatedSpeaker.open({ folder }, context);
  await type("busy speaker");
  await t.rejects(open(), { code: "speaker.busy" });
  await type("vanish speaker");
  await t.rejects(open(), { code: "speaker.missing" });
  await type("return speaker", "stall mic", "return mic", "silent", "echo 0.2", "noise -40", "gain 20");
  (await open()).close();
  t.strictSame(told, [], "nothing was refused");
  await type("vanish door", "echo much", "contact start ajar", "sense rain=1");
  t.equal(told.length, 4);
});
