import { chmod } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { openTree } from "../tree.ts";
import { sensorConformance } from "./conformance.ts";
import { parseSupply, parseTemperature, parseThrottled, vcgencmdSensor } from "./vcgencmd.ts";

const context = { clock: systemClock, log: silentLog() };

/** The firmware's end as a program; the driver and how it is run are the real ones. */
async function newFirmware() {
  const tree = await openTree();
  const program = join(tree.root, "vcgencmd");
  const answer = async (lines: Readonly<Record<string, string>>, code = 0): Promise<void> => {
    const cases = Object.entries(lines).map(([command, said]) => `"${command}") echo "${said}" ;;`);
    const other = `*) echo 'error=1 error_msg="Command not registered"'; exit 255 ;;`;
    const text = `#!/bin/sh\n[ ${code} = 0 ] || exit ${code}\ncase "$*" in\n${cases.join("\n")}\n${other}\nesac\n`;
    // Renamed into place: a program that is being run cannot be written.
    await tree.remove("vcgencmd");
    await tree.write({ vcgencmd: text });
    await chmod(program, 0o755);
  };
  return { ...tree, program, answer };
}

sensorConformance(t, ["temperatureCelsius", "throttled", "supplyVolts"], async () => {
  const { program, answer, remove, close } = await newFirmware();
  return {
    open: () => vcgencmdSensor.open({ program }, context),
    set: ({ temperatureCelsius, throttled, supplyVolts }) =>
      answer({
        measure_temp: `temp=${temperatureCelsius}'C`,
        get_throttled: `throttled=${throttled.includes("frequencyCapped") ? "0x20002" : "0x20000"}`,
        "pmic_read_adc EXT5V_V": `     EXT5V_V volt(24)=${supplyVolts}000000V`,
      }),
    unplug: () => remove("vcgencmd"),
    close,
  };
});

t.test("says who may not ask the firmware, and does without a supply that is not measured", async (t) => {
  const { program, answer, close } = await newFirmware();
  t.teardown(close);
  await answer({}, 255);
  await t.rejects(vcgencmdSensor.open({ program }, context), { code: "sensor.permission" });
  await answer({ measure_temp: "temp=50.1'C", get_throttled: "throttled=0x5" });
  const sensor = await vcgencmdSensor.open({ program }, context);
  t.strictSame(await sensor.read(), { temperatureCelsius: 50.1, throttled: ["underVoltage", "throttled"] });
});

t.test("reads the firmware's sentences, and takes no other for a reading", async (t) => {
  t.equal(parseTemperature("temp=-3.2'C\n"), -3.2);
  t.equal(parseTemperature("VCHI initialization failed"), undefined);
  t.strictSame(parseThrottled("throttled=0x0\n"), []);
  t.strictSame(parseThrottled("throttled=0xf0000"), [], "what has been is over");
  t.strictSame(parseThrottled("throttled=0xF000F"), [
    "underVoltage",
    "frequencyCapped",
    "throttled",
    "softTemperatureLimit",
  ]);
  t.equal(parseThrottled("error=1"), undefined);
  t.equal(parseSupply("     EXT5V_V volt(24)=5.15096000V\n"), 5.15096);
  t.equal(parseSupply('error=1 error_msg="Command not registered"'), undefined);
});
