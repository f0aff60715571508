import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { openTree } from "../tree.ts";
import { sensorConformance } from "./conformance.ts";
import { jetsonSensor } from "./jetson.ts";

const context = { clock: systemClock, log: silentLog() };
const ina = "bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon4";

sensorConformance(t, ["temperatureCelsius", "throttled", "supplyVolts"], async () => {
  const { root, write, remove, close } = await openTree();
  return {
    open: () => jetsonSensor.open({ root, supplyRail: "VDD_IN" }, context),
    set: ({ temperatureCelsius, throttled, supplyVolts }) =>
      write({
        "class/thermal/thermal_zone0/type": "cpu-thermal\n",
        "class/thermal/thermal_zone0/temp": "31000\n",
        "class/thermal/thermal_zone1/type": "gpu-thermal\n",
        "class/thermal/thermal_zone1/temp": `${temperatureCelsius * 1000}\n`,
        "class/thermal/cooling_device0/type": "cpufreq-cpu0\n",
        "class/thermal/cooling_device0/cur_state": `${throttled.length}\n`,
        [`${ina}/name`]: "ina3221\n",
        [`${ina}/in1_label`]: "VDD_CPU_GPU_CV\n",
        [`${ina}/in1_input`]: "900\n",
        [`${ina}/in2_label`]: "VDD_IN\n",
        [`${ina}/in2_input`]: `${supplyVolts * 1000}\n`,
      }),
    unplug: () => remove("class"),
    close,
  };
});
