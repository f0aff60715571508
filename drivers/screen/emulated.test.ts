import t from "tap";
import { openBoardBench } from "../emulator/bench.ts";
import { screenConformance } from "./conformance.ts";
import { emulatedScreen } from "./emulated.ts";

screenConformance(t, async () => {
  const { folder, hand, context, unplug, close } = await openBoardBench();
  return {
    open: () => emulatedScreen.open({ folder }, context),
    look: async () => {
      const { brightness, on } = (await hand.state()).screen;
      return { light: brightness, on };
    },
    unplug,
    close,
  };
});
