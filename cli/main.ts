import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { Fault } from "../contracts/fault.ts";
import { projectRoot } from "../runtime/paths.ts";
import { subcommands } from "./registry.ts";

/** Exit codes: 0 done · 1 refused or failed, with a sentence on stderr · 2 wrongly used. */
const failed = 1;
const wronglyUsed = 2;

function version(): string {
  const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}

/** Wrong use is thrown, not printed and exited by the library, so that all errors leave by one door. */
function throwOnWrongUse(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
  for (const inner of command.commands) throwOnWrongUse(inner);
}

async function build(wanted: string | undefined): Promise<Command> {
  const program = new Command("candor")
    .description("An AI interview device: the agent on the board, inference beside it, and the bridge to HR")
    .version(version())
    // What stands behind a subcommand's name belongs to it, also where the command above has an option of that name.
    .enablePositionalOptions();
  for (const { name, summary, load } of subcommands)
    program.addCommand(name === wanted ? (await load()).summary(summary) : new Command(name).summary(summary));
  throwOnWrongUse(program);
  return program;
}

/** The subcommand that the words ask for, also in `candor help score`. */
function wantedBy(words: readonly string[]): string | undefined {
  const named = words.filter((word) => !word.startsWith("-"));
  return named[0] === "help" ? named[1] : named[0];
}

function complain(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version were printed on request.
    if (error.exitCode === 0) return 0;
    if (error.code !== "commander.help")
      process.stderr.write(`candor: ${error.message.replace(/^error: /, "")} (use.invalid); --help shows how\n`);
    return wronglyUsed;
  }
  if (error instanceof Fault) {
    process.stderr.write(`candor: ${error.message} (${error.code})\n`);
    return error.code === "use.invalid" ? wronglyUsed : failed;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `candor: this was not expected; please report what follows with the command that led to it (internal)\n${trace}\n`,
  );
  return failed;
}

// A reader that leaves early (`candor models list | head -1`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : failed));

const words = process.argv.slice(2);
try {
  await (await build(wantedBy(words))).parseAsync(words, { from: "user" });
} catch (error) {
  // Ends here and now: a failed start may have left handles that would keep the process.
  process.exit(complain(error));
}
