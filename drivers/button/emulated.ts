import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { linkBoard } from "../emulator/link.ts";
import { folder } from "../emulator/options.ts";
import { type Button, defineDriver } from "../port.ts";

/** @throws Fault peer.unreachable when the emulated board does not run */
async function openEmulatedButton(at: string, button: string): Promise<Button> {
  const link = await linkBoard(at);
  return {
    onPress: (handler) =>
      link.onPress((press) => {
        if (press.button === button) handler({ atMonotonic: press.atMonotonic });
      }),
    onLost: (handler) =>
      link.onGone(() => handler(new Fault("button.lost", `the emulated board with button ${button} went away`))),
    close: () => link.close(),
  };
}

export const emulatedButton = defineDriver({
  kind: "button",
  summary: "A push button of the emulated board",
  options: z.strictObject({ folder, button: z.string().min(1) }),
  open: (options) => openEmulatedButton(options.folder, options.button),
});
