import { Argument, Command } from "commander";
import { z } from "zod";
import { boardNamed } from "../boards/registry.ts";
import type { Stream } from "../contracts/capture.ts";
import { runCapture } from "../drivers/capture/main.ts";
import { withOptions } from "../drivers/mount.ts";
import { systemClock } from "../runtime/clock.ts";
import { createLog } from "../runtime/log.ts";
import { parseJson } from "../runtime/parse.ts";

type Options = { socket: string; board: string; boardOptions: string; pictures?: string; bound?: boolean };

/** `candor capture`: one process a stream, started by the agent or by systemd. */
export function captureCommand(): Command {
  return new Command("capture")
    .description("keep the microphone or the camera open and record it, sealed, when the agent says so")
    .addArgument(new Argument("<stream>", "which of the two").choices(["mic", "camera"]))
    .requiredOption("--socket <path>", "path of the Unix socket to serve to the agent")
    .option("--board <name>", "the board that the stream's hardware is mounted on", "emulated")
    .option("--board-options <json>", "options of the board's drivers, a JSON object", "{}")
    .option("--pictures <path>", "path of the Unix socket to serve live pictures on (camera)")
    .option("--bound", "end when standard input ends")
    .action(async (stream: Stream, { socket, board, boardOptions, pictures, bound }: Options) => {
      const what = { what: "--board-options", otherwise: "config.invalid" } as const;
      const mounts = withOptions(
        boardNamed(board).mounts,
        parseJson(z.record(z.string(), z.unknown()), boardOptions, what),
      );
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
