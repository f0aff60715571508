import t from "tap";
import { openBoardBench } from "../emulator/bench.ts";
import { micConformance } from "./conformance.ts";
import { emulatedMic } from "./emulated.ts";

micConformance(t, async () => {
  const { folder, hand, context, close } = await openBoardBench();
  return {
    open: () => emulatedMic.open({ folder }, context),
    unplug: () => hand.vanish("mic"),
    plug: () => hand.comeBack("mic"),
    close,
  };
});
