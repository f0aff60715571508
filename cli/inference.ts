import { Command, Option } from "commander";
import { agentConfig } from "../agent/config.ts";
import { Fault } from "../contracts/fault.ts";
import { type Language, language, languages } from "../contracts/language.ts";
import { recogniserNames } from "../contracts/profile.ts";
import { main } from "../inference/worker.ts";
import { loadConfig } from "../runtime/config.ts";
import { createLog } from "../runtime/log.ts";
import { resolveBoard } from "./board/resolved.ts";
import { wholeThreads } from "./threads.ts";

type Options = {
  socket: string;
  models?: string;
  threads: number;
  bound?: boolean;
  recogniser?: string;
  live?: Language[];
};

/** @throws Fault use.invalid */
function languageList(text: string): Language[] {
  return text
    .split(",")
    .filter((one) => one !== "")
    .map((one) => {
      const known = language.safeParse(one);
      if (known.success) return known.data;
      throw new Fault(
        "use.invalid",
        `--live ${text}: give languages out of ${languages.join(", ")}, with commas between`,
        {
          field: "live",
        },
      );
    });
}

/** Flags first; started by systemd it has none, and runs what the board's profile says. */
async function engineOf({ recogniser, live }: Options): Promise<{ recogniser: string; live: readonly Language[] }> {
  if (recogniser !== undefined && live !== undefined) return { recogniser, live };
  const { profile } = await resolveBoard(loadConfig(agentConfig).board);
  return { recogniser: recogniser ?? profile.recogniser, live: live ?? profile.live };
}

/** `candor inference`: the process that hears, sees and scores; started by the agent or by systemd. */
export function inferenceCommand(): Command {
  return new Command("inference")
    .description("serve speech, picture and scoring models to the agent over a Unix socket")
    .requiredOption("--socket <path>", "path of the Unix socket to serve")
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .option("--threads <count>", "threads of the recogniser", wholeThreads, 2)
    .addOption(
      new Option("--recogniser <name>", "who turns speech into text (default: as the board's profile says)").choices(
        recogniserNames,
      ),
    )
    .option(
      "--live <languages>",
      "languages transcribed while they are spoken, the others after the answer; with commas between, or empty (default: as the board's profile says)",
      languageList,
    )
    .option("--bound", "end when standard input ends")
    .action(async (options: Options) => {
      const { socket, models, threads, bound } = options;
      await main({
        socket,
        modelsDirectory: models,
        threads,
        ...(await engineOf(options)),
        bound: bound ?? false,
        log: createLog({ name: "inference" }),
      });
      // A model that is still loading would keep the process, and with it the socket's name, for seconds.
      process.exit(0);
    });
}
