import t from "tap";
import { openBoardBench } from "../emulator/bench.ts";
import { cameraConformance } from "./conformance.ts";
import { emulatedCamera } from "./emulated.ts";

cameraConformance(t, 10, async () => {
  const { folder, hand, context, close } = await openBoardBench();
  return {
    open: () => emulatedCamera.open({ folder }, context),
    unplug: () => hand.vanish("camera"),
    plug: () => hand.comeBack("camera"),
    close,
  };
});
