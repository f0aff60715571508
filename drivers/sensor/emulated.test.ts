import t from "tap";
import { openBoardBench } from "../emulator/bench.ts";
import { sensorConformance } from "./conformance.ts";
import { emulatedSensor } from "./emulated.ts";

sensorConformance(t, ["temperatureCelsius", "throttled", "supplyVolts"], async () => {
  const { folder, hand, context, unplug, close } = await openBoardBench();
  return {
    open: () => emulatedSensor.open({ folder }, context),
    set: (readings) => hand.sense(readings),
    unplug,
    close,
  };
});
