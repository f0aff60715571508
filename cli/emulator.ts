import { join, resolve } from "node:path";
import { Command } from "commander";
import { runEmulator } from "../drivers/emulator/main.ts";
import { systemClock } from "../runtime/clock.ts";
import { createLog } from "../runtime/log.ts";
import { projectRoot } from "../runtime/paths.ts";

type Options = { socket: string; face: string; bound?: boolean };

const portrait = join(projectRoot, "test/fixtures/face/astronaut.mp4");

/** `candor emulator`: the hardware edge of the emulated board. */
export function emulatorCommand(): Command {
  return new Command("emulator")
    .description("run the emulated board: microphone, camera, buttons and lights over Unix sockets")
    .requiredOption("--socket <folder>", "folder for the board's sockets (a path of less than 90 bytes)")
    .option("--face <file>", "picture or clip that stands before the camera as the candidate", portrait)
    .option("--bound", "end when standard input ends")
    .action(async ({ socket, face, bound }: Options) => {
      const log = createLog({ name: "emulator" });
      await runEmulator({
        folder: resolve(socket),
        face: resolve(face),
        bound: bound ?? false,
        clock: systemClock,
        log,
      });
    });
}
