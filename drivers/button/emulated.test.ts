import t from "tap";
import { openBoardBench } from "../emulator/bench.ts";
import { buttonConformance } from "./conformance.ts";
import { emulatedButton } from "./emulated.ts";

buttonConformance(t, async () => {
  const { folder, hand, context, unplug, close } = await openBoardBench();
  return {
    open: () => emulatedButton.open({ folder, button: "start", holdMillis: 400 }, context),
    contact: (closed) => hand.contact("start", closed),
    pressAnother: () => hand.press("help"),
    unplug,
    close,
  };
});
