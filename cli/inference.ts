import { Command } from "commander";
import { main } from "../inference/worker.ts";
import { createLog } from "../runtime/log.ts";
import { wholeThreads } from "./threads.ts";

type Options = { socket: string; models?: string; threads: number; bound?: boolean };

/** `candor inference`: the process that hears, sees and scores; started by the agent or by systemd. */
export function inferenceCommand(): Command {
  return new Command("inference")
    .description("serve speech, picture and scoring models to the agent over a Unix socket")
    .requiredOption("--socket <path>", "path of the Unix socket to serve")
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .option("--threads <count>", "threads of the recogniser", wholeThreads, 2)
    .option("--bound", "end when standard input ends")
    .action(async ({ socket, models, threads, bound }: Options) => {
      await main({
        socket,
        modelsDirectory: models,
        threads,
        bound: bound ?? false,
        log: createLog({ name: "inference" }),
      });
      // A model that is still loading would keep the process, and with it the socket's name, for seconds.
      process.exit(0);
    });
}
