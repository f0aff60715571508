import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { connectChannel } from "../../runtime/channel.ts";
import { folder } from "../emulator/options.ts";
import { boardEvent, sockets } from "../emulator/protocol.ts";
import { type Button, defineDriver } from "../port.ts";

/** @throws Fault peer.unreachable when the emulated board does not run */
async function openEmulatedButton(at: string, button: string): Promise<Button> {
  const channel = await connectChannel({ path: join(at, sockets.board), incoming: boardEvent });
  let closing = false;
  return {
    onPress: (handler) =>
      channel.onMessage((event) => {
        if (event.button === button) handler({ atMonotonic: event.atMonotonic });
      }),
    onLost: (handler) => {
      void channel.closed.then(() => {
        if (!closing) handler(new Fault("button.lost", `the emulated board with button ${button} went away`));
      });
    },
    close: () => {
      closing = true;
      channel.close();
    },
  };
}

export const emulatedButton = defineDriver({
  kind: "button",
  summary: "A push button of the emulated board",
  options: z.strictObject({ folder, button: z.string().min(1) }),
  open: (options) => openEmulatedButton(options.folder, options.button),
});
