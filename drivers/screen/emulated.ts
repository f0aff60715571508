import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { type BoardLink, linkBoard } from "../emulator/link.ts";
import { folder } from "../emulator/options.ts";
import { type Display, defineDriver } from "../port.ts";

/** @throws Fault screen.missing */
async function openEmulatedScreen(at: string): Promise<Display> {
  let link: BoardLink;
  try {
    link = await linkBoard(at);
  } catch (error) {
    throw new Fault("screen.missing", "the emulated board is not there: does it run, and in this folder?", {
      cause: error,
    });
  }
  const there = (): BoardLink => {
    if (link.gone) throw new Fault("screen.lost", "the emulated board with its display went away");
    return link;
  };
  return {
    setBrightness: async (share) => there().send({ do: "screen", brightness: Math.max(0, Math.min(1, share)) }),
    setPower: async (on) => there().send({ do: "screen", on }),
    close: () => link.close(),
  };
}

export const emulatedScreen = defineDriver({
  kind: "screen",
  summary: "The display of the emulated board: what it was told is in the board's state",
  options: z.strictObject({ folder }),
  open: (options) => openEmulatedScreen(options.folder),
});
