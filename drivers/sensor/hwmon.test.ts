import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { openTree } from "../tree.ts";
import { sensorConformance } from "./conformance.ts";
import { hwmonSensor } from "./hwmon.ts";

const context = { clock: systemClock, log: silentLog() };

sensorConformance(t, ["temperatureCelsius", "throttled", "supplyVolts"], async () => {
  const { root, write, remove, close } = await openTree();
  return {
    open: () => hwmonSensor.open({ root, supply: { chip: "nct6798", input: "in4" } }, context),
    set: ({ temperatureCelsius, throttled, supplyVolts }) =>
      write({
        "class/thermal/thermal_zone0/type": "x86_pkg_temp\n",
        "class/thermal/thermal_zone0/temp": `${temperatureCelsius * 1000}\n`,
        // A zone that no chip is wired to.
        "class/thermal/thermal_zone1/temp": "-274000\n",
        "class/thermal/cooling_device0/type": "Fan\n",
        "class/thermal/cooling_device0/cur_state": "1\n",
        "class/thermal/cooling_device1/type": "Processor\n",
        "class/thermal/cooling_device1/cur_state": throttled.includes("frequencyCapped") ? "3\n" : "0\n",
        "class/hwmon/hwmon2/name": "nct6798\n",
        "class/hwmon/hwmon2/in0_input": "1204\n",
        "class/hwmon/hwmon2/in4_input": `${supplyVolts * 1000}\n`,
      }),
    unplug: () => remove("class"),
    close,
  };
});

t.test("tells a Pi's weak supply, a fan, and the processor's chip where there is no thermal zone", async (t) => {
  const { root, write, close } = await openTree();
  t.teardown(close);
  await write({
    "class/hwmon/hwmon0/name": "rpi_volt\n",
    "class/hwmon/hwmon0/in0_lcrit_alarm": "1\n",
    "class/hwmon/hwmon1/name": "k10temp\n",
    "class/hwmon/hwmon1/temp1_input": "52125\n",
    "class/hwmon/hwmon2/name": "nvme\n",
    "class/hwmon/hwmon2/temp1_input": "71000\n",
    "class/hwmon/hwmon3/name": "pwmfan\n",
    "class/hwmon/hwmon3/fan1_input": "2400\n",
  });
  const sensor = await hwmonSensor.open({ root }, context);
  t.strictSame(await sensor.read(), { temperatureCelsius: 52.125, throttled: ["underVoltage"], fanRpm: 2400 });
});
