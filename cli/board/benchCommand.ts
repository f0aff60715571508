import { chmod, mkdir } from "node:fs/promises";
import { Command } from "commander";
import { agentConfig } from "../../agent/config.ts";
import { pickProfile } from "../../boards/pick.ts";
import { engineSeat } from "../../boards/profile.ts";
import { boardFor } from "../../boards/recognise.ts";
import { Fault } from "../../contracts/fault.ts";
import { languages } from "../../contracts/language.ts";
import { type BoardProfile, boardProfile } from "../../contracts/profile.ts";
import { profilePath, readBoardFacts } from "../../provisioning/board.ts";
import { systemClock, timestamp } from "../../runtime/clock.ts";
import { configFolder, loadConfig } from "../../runtime/config.ts";
import { writeDurably } from "../../runtime/durable.ts";
import { languageList } from "../languages.ts";
import { type BenchFigures, benchBoard } from "./bench.ts";

type Options = {
  board?: string;
  models?: string;
  state?: string;
  languages: (typeof languages)[number][];
  engine: string;
  seconds: number;
  json?: boolean;
  write?: boolean;
};

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

function wholeSeconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 600) return value;
  throw new Fault("use.invalid", `--seconds ${text}: give a whole number from 1 to 600`, { field: "seconds" });
}

/** Readable for all: the administrator writes it, the processes of user candor read it. */
async function keep(profile: BoardProfile): Promise<void> {
  const path = profilePath(configFolder());
  await writeDurably(path, `${JSON.stringify(profile, null, 2)}\n`);
  await chmod(path, 0o644);
}

async function bench(options: Options): Promise<{ profile: BoardProfile; measured: BenchFigures }> {
  const { board: name, models, state, seconds, write } = options;
  const config = loadConfig(agentConfig, { flags: { board: name, modelsDirectory: models, stateDirectory: state } });
  // Not by the profile that is there: it is what is measured anew.
  const { board } = boardFor(config.board, config.board === "auto" ? await readBoardFacts() : {});
  engineSeat(board, options.engine);
  if (options.languages.length === 0)
    throw new Fault("use.invalid", "--languages: name at least one that candidates speak", { field: "languages" });
  await mkdir(config.stateDirectory, { recursive: true, mode: 0o700 });
  const measured = await benchBoard({
    board,
    languages: options.languages,
    seconds,
    threads: config.inferenceThreads,
    stateDirectory: config.stateDirectory,
    clock: systemClock,
    tell,
    ...(config.modelsDirectory === null ? {} : { modelsDirectory: config.modelsDirectory }),
  });
  const { chosen, reasons } = pickProfile(board, measured, options.languages);
  const measuredAt = timestamp(systemClock.wall());
  const profile = boardProfile.parse({ board: board.name, measuredAt, ...chosen, provider: options.engine, reasons });
  if (write) await keep(profile);
  return { profile, measured };
}

function text({ profile, measured }: { profile: BoardProfile; measured: BenchFigures }): string {
  const { memory, cores } = measured;
  return [
    `board ${profile.board}: ${profile.recogniser} on ${profile.provider}, live ${profile.live.join(", ") || "nothing"}`,
    `${cores} cores, ${memory.available} of ${memory.total} MB memory available`,
    ...profile.reasons.map((reason) => `  ${reason}`),
  ].join("\n");
}

/** `candor board bench`: measures this machine and picks what it runs. Nothing is taken from another machine's figures. */
export function benchCommand(): Command {
  return new Command("bench")
    .description("measure recognisers, encoder, disk and memory of this board, and pick the profile it keeps up with")
    .option("--board <name>", "take it for this board (default: as the agent's)")
    .option("--models <directory>", "where the models are")
    .option("--state <directory>", "the disk that is measured: the agent's state")
    .option("--languages <languages>", "languages that candidates speak here, with commas between", languageList, [
      ...languages,
    ])
    .option("--engine <provider>", "what runs the recogniser: one of the board's engines that was tried", "cpu")
    .option("--seconds <count>", "seconds of picture to encode at each size", wholeSeconds, 10)
    .option("--json", "print one JSON value on stdout; progress stays on stderr")
    .option(
      "--write",
      "keep the profile as board-profile.json in the configuration's folder; processes take it at their next start",
    )
    .action(async (_: unknown, command: Command) => {
      const options: Options = command.optsWithGlobals();
      const result = await bench(options);
      process.stdout.write(`${options.json ? JSON.stringify(result) : text(result)}\n`);
    });
}
