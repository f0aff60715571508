import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { linkBoard } from "../emulator/link.ts";
import { folder } from "../emulator/options.ts";
import { defineDriver, type Led } from "../port.ts";

/** @throws Fault peer.unreachable when the emulated board does not run */
async function openEmulatedLed(at: string, line: string): Promise<Led> {
  const link = await linkBoard(at);
  return {
    show: (look) => link.send({ do: "led", line, look }),
    onLost: (handler) =>
      link.onGone(() => handler(new Fault("led.lost", `the emulated board with light ${line} went away`))),
    close: () => link.close(),
  };
}

export const emulatedLed = defineDriver({
  kind: "led",
  summary: "A light of the emulated board; off as soon as its holder goes",
  options: z.strictObject({ folder, line: z.string().min(1) }),
  open: (options) => openEmulatedLed(options.folder, options.line),
});
