import { Argument, Command } from "commander";
import { agentConfig } from "../agent/config.ts";
import type { Stream } from "../contracts/capture.ts";
import { runCapture } from "../drivers/capture/main.ts";
import { systemClock } from "../runtime/clock.ts";
import { loadConfig } from "../runtime/config.ts";
import { createLog } from "../runtime/log.ts";
import { mountsOf } from "./board/mounted.ts";
import { resolveBoard } from "./board/resolved.ts";

type Options = { socket: string; board?: string; boardOptions?: string; pictures?: string; bound?: boolean };

/** `candor capture`: one process a stream, started by the agent or by systemd. */
export function captureCommand(): Command {
  return new Command("capture")
    .description("keep the microphone or the camera open and record it, sealed, when the agent says so")
    .addArgument(new Argument("<stream>", "which of the two").choices(["mic", "camera"]))
    .requiredOption("--socket <path>", "path of the Unix socket to serve to the agent")
    .option("--board <name>", "the board that the stream's hardware is mounted on (default: as the agent's)")
    .option("--board-options <json>", "options of the board's drivers, a JSON object (default: as the agent's)")
    .option("--pictures <path>", "path of the Unix socket to serve live pictures on (camera)")
    .option("--bound", "end when standard input ends")
    .action(async (stream: Stream, { socket, board, boardOptions, pictures, bound }: Options) => {
      // Started by systemd it has no flags: board and options are the agent's.
      const config = loadConfig(agentConfig, { flags: { board, boardOptions } });
      const mounts = mountsOf(await resolveBoard(config.board), config.boardOptions);
      await runCapture({
        stream,
        socket,
        mounts,
        bound: bound ?? false,
        clock: systemClock,
        log: createLog({ name: `capture-${stream}` }),
        ...(pictures === undefined ? {} : { pictures }),
      });
    });
}
