import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { connectChannel } from "../../runtime/channel.ts";
import { folder } from "../emulator/options.ts";
import { type BoardRequest, boardEvent, sockets } from "../emulator/protocol.ts";
import { defineDriver, type Led } from "../port.ts";

/** @throws Fault peer.unreachable when the emulated board does not run */
async function openEmulatedLed(at: string, line: string): Promise<Led> {
  const channel = await connectChannel({ path: join(at, sockets.board), incoming: boardEvent });
  let closing = false;
  return {
    show: (look) => channel.send({ do: "led", line, look } satisfies BoardRequest),
    onLost: (handler) => {
      void channel.closed.then(() => {
        if (!closing) handler(new Fault("led.lost", `the emulated board with light ${line} went away`));
      });
    },
    close: () => {
      closing = true;
      channel.close();
    },
  };
}

export const emulatedLed = defineDriver({
  kind: "led",
  summary: "A light of the emulated board; off as soon as its holder goes",
  options: z.strictObject({ folder, line: z.string().min(1) }),
  open: (options) => openEmulatedLed(options.folder, options.line),
});
