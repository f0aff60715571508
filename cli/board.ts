import { join } from "node:path";
import { Command } from "commander";
import { agentConfig } from "../agent/config.ts";
import { Fault } from "../contracts/fault.ts";
import { systemClock } from "../runtime/clock.ts";
import { loadConfig } from "../runtime/config.ts";
import { writeDurably } from "../runtime/durable.ts";
import { createLog } from "../runtime/log.ts";
import { benchCommand } from "./board/benchCommand.ts";
import { type CheckReport, checkBoard } from "./board/check.ts";
import { mountsOf } from "./board/mounted.ts";
import { reportText } from "./board/report.ts";
import { resolveBoard } from "./board/resolved.ts";

type Options = {
  board?: string;
  boardOptions?: string;
  models?: string;
  state?: string;
  part?: string[];
  face?: boolean;
  speak?: boolean;
  interactive?: boolean;
  json?: boolean;
  write?: boolean;
};

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

async function check(options: Options): Promise<CheckReport> {
  const { board, boardOptions, models, state, part, face, speak, interactive } = options;
  const config = loadConfig(agentConfig, {
    flags: { board, boardOptions, modelsDirectory: models, stateDirectory: state },
  });
  const resolved = await resolveBoard(config.board);
  const report = await checkBoard({
    resolved,
    mounts: mountsOf(resolved, config.boardOptions),
    stateDirectory: config.stateDirectory,
    clock: systemClock,
    log: createLog({ name: "board", level: "error" }),
    tell,
    face: face ?? false,
    speak: speak ?? false,
    ...(config.modelsDirectory === null ? {} : { modelsDirectory: config.modelsDirectory }),
    ...(part === undefined ? {} : { only: part }),
    ...(interactive ? { ask: (button: string) => tell(`press ${button}`) } : {}),
  });
  if (report.parts.length === 0)
    throw new Fault("use.invalid", `--part ${part?.join(" ")}: no part's name begins so`, { field: "part" });
  if (options.write) await writeDurably(join(config.stateDirectory, "board.json"), `${JSON.stringify(report)}\n`);
  return report;
}

/** `candor board`: what this board is, what is mounted, and whether each part works. Exit code 1 where one does not. */
export function boardCommand(): Command {
  return new Command("board")
    .description("say what this board is and what is mounted on it, and test every part (exit code 1: one failed)")
    .option("--board <name>", "take it for this board (default: as the agent's)")
    .option("--board-options <json>", "options of the board's drivers, a JSON object (default: as the agent's)")
    .option("--models <directory>", "where the models are, for --face")
    .option("--state <directory>", "the agent's state: its disk is looked at, --write writes there")
    .option("--part <names...>", "only parts whose name begins so: camera, microphone, speaker, light, button …")
    .option("--face", "a person sits before the camera: look whether the face stands well in the picture")
    .option("--speak", "a person speaks: measure how far speech stands out of the noise")
    .option("--interactive", "a person presses each button that is asked for")
    .option("--json", "print one JSON value on stdout; progress stays on stderr")
    .option("--write", "keep the report as board.json in the agent's state")
    .action(async (options: Options) => {
      const report = await check(options);
      process.stdout.write(`${options.json ? JSON.stringify(report) : reportText(report)}\n`);
      process.exitCode = report.passed ? 0 : 1;
    })
    .addCommand(benchCommand());
}
