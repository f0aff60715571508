import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { agentConfig } from "../agent/config.ts";
import { hrConfig } from "../bridge/hr/config.ts";
import { relayConfig } from "../bridge/relay/config.ts";
import { Fault } from "../contracts/fault.ts";
import { boardProfileFile } from "../provisioning/board.ts";
import {
  type ConfigDefinition,
  configFolder,
  type ExplainedKey,
  explainConfig,
  loadConfig,
} from "../runtime/config.ts";

/** Every process that has a configuration of its own. */
export const configurations: readonly ConfigDefinition[] = [agentConfig, relayConfig, hrConfig];

/** A file that belongs to no process would be passed over in silence: most often its name is misspelt. */
function refuseStrayFiles(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new Fault("file.unreadable", `${folder} cannot be listed: give this user the right to read it`, {
      cause: error,
    });
  }
  const known = [...configurations.map(({ process }) => `${process}.json`), boardProfileFile];
  const stray = names.find((name) => !known.includes(name));
  if (stray === undefined) return;
  throw new Fault(
    "config.unknown",
    `${join(folder, stray)} belongs to no process: rename or remove it (known: ${known.join(", ")})`,
    { field: stray },
  );
}

function chosen(name: string | undefined): readonly ConfigDefinition[] {
  if (name === undefined) return configurations;
  const found = configurations.filter(({ process }) => process === name);
  if (found.length > 0) return found;
  throw new Fault(
    "use.invalid",
    `there is no process ${name}; there are ${configurations.map(({ process }) => process).join(", ")}`,
  );
}

function readable(rows: readonly ExplainedKey[]): string {
  const lines: string[] = [];
  let process = "";
  for (const row of rows) {
    if (row.process !== process) lines.push("", `${row.process}.json`);
    process = row.process;
    const origin = row.source === "" ? row.origin : `${row.origin}: ${row.source}`;
    lines.push(
      `  ${row.key} = ${JSON.stringify(row.value)}   [${origin}]`,
      `      ${row.doc} Takes ${row.takes}. ${row.variable}`,
    );
  }
  return `${lines.slice(1).join("\n")}\n`;
}

type Options = { explain?: boolean; json?: boolean; folder?: string; process?: string };

function configure({ explain, json, folder, process: name }: Options): void {
  const sources = folder === undefined ? {} : { folder };
  refuseStrayFiles(folder ?? configFolder());
  const definitions = chosen(name);
  if (explain) {
    const rows = definitions.flatMap((definition) => explainConfig(definition, sources));
    process.stdout.write(json ? `${JSON.stringify(rows)}\n` : readable(rows));
    return;
  }
  for (const definition of definitions) loadConfig(definition, sources);
  const processes = definitions.map(({ process }) => process);
  process.stdout.write(json ? `${JSON.stringify({ complete: processes })}\n` : `complete: ${processes.join(", ")}\n`);
}

export function configCommand(): Command {
  return new Command("config")
    .description("Check the configuration of every process: /etc/candor/<process>.json < environment < flags.")
    .option("--explain", "print every key with its value and where it came from, also where one is missing")
    .option("--process <name>", "only this process")
    .option("--folder <path>", "read the files there (default: CANDOR_CONFIG_DIR, else /etc/candor)")
    .option("--json", "one JSON value on stdout")
    .action(configure);
}
