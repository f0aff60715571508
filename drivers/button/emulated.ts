import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { Contact } from "../contact.ts";
import { linkBoard } from "../emulator/link.ts";
import { folder } from "../emulator/options.ts";
import { type Button, type DriverContext, defineDriver } from "../port.ts";

type Options = { folder: string; button: string; holdMillis: number };

/** @throws Fault peer.unreachable when the emulated board does not run */
async function openEmulatedButton(
  { folder: at, button, holdMillis }: Options,
  { clock }: DriverContext,
): Promise<Button> {
  const link = await linkBoard(at);
  const contact = new Contact({ clock, holdMillis });
  link.onContact((change) => {
    if (change.button === button) contact.change(change.closed, change.atMonotonic);
  });
  return {
    onPress: (handler) => contact.onPress(handler),
    onHold: (handler) => contact.onHold(handler),
    onRelease: (handler) => contact.onRelease(handler),
    onLost: (handler) =>
      link.onGone(() => handler(new Fault("button.lost", `the emulated board with button ${button} went away`))),
    close: () => {
      contact.end();
      link.close();
    },
  };
}

export const emulatedButton = defineDriver({
  kind: "button",
  summary: "A push button of the emulated board",
  options: z.strictObject({ folder, button: z.string().min(1), holdMillis: z.int().min(100).default(600) }),
  open: openEmulatedButton,
});
