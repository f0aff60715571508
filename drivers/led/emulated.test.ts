import t from "tap";
import { openBoardBench } from "../emulator/bench.ts";
import { ledConformance } from "./conformance.ts";
import { emulatedLed } from "./emulated.ts";

ledConformance(t, async () => {
  const { folder, hand, context, unplug, close } = await openBoardBench();
  return {
    open: () => emulatedLed.open({ folder, line: "recording-mic" }, context),
    isLit: async () => (await hand.state()).leds["recording-mic"] ?? false,
    unplug,
    close,
  };
});
