import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { type BoardLink, linkBoard } from "../emulator/link.ts";
import { folder } from "../emulator/options.ts";
import { defineDriver, type Sensor } from "../port.ts";

/** @throws Fault sensor.missing */
async function openEmulatedSensor(at: string): Promise<Sensor> {
  let link: BoardLink;
  try {
    link = await linkBoard(at);
  } catch (error) {
    throw new Fault("sensor.missing", "the emulated board is not there: does it run, and in this folder?", {
      cause: error,
    });
  }
  return {
    read: async () => {
      if (link.gone) throw new Fault("sensor.lost", "the emulated board with its sensors went away");
      return link.readings;
    },
    close: () => link.close(),
  };
}

export const emulatedSensor = defineDriver({
  kind: "sensor",
  summary: "The sensors of the emulated board: what `sense` has told them",
  options: z.strictObject({ folder }),
  open: (options) => openEmulatedSensor(options.folder),
});
