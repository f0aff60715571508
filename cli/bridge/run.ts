import { Command } from "commander";
import { hrConfig } from "../../bridge/hr/config.ts";
import { relayConfig } from "../../bridge/relay/config.ts";
import { loadConfig } from "../../runtime/config.ts";

const boundOption = ["--bound", "end when standard input ends"] as const;

/** Each process loads its own parts only: relay never has hr's code in memory. */
export function relayCommand(): Command {
  return new Command("relay")
    .description("run relay: takes events from the broker, keeps them, answers, passes them to hr")
    .option("--directory <folder>", "the centre's folder")
    .option("--host <address>", "address to listen on")
    .option("--port <port>", "HTTPS port for hr, health and metrics; 0 takes a free one")
    .option("--broker-url <url>", "mqtts://host:port")
    .option("--hr-url <url>", "hr's internal address")
    .option("--log-level <level>", "debug, info, warn or error")
    .option(...boundOption)
    .action(async ({ bound = false, ...flags }: Record<string, string | boolean | undefined>) => {
      const config = loadConfig(relayConfig, { flags });
      const { runRelay } = await import("../../bridge/relay/main.ts");
      await runRelay(config, { bound: bound === true });
    });
}

export function hrCommand(): Command {
  return new Command("hr")
    .description("run hr: unseals, keeps and delivers results, takes orders, serves the API")
    .option("--directory <folder>", "the centre's folder")
    .option("--host <address>", "address to listen on")
    .option("--port <port>", "HTTPS port of the API; 0 takes a free one")
    .option("--internal-port <port>", "HTTPS port for relay; 0 takes a free one")
    .option("--relay-url <url>", "relay's address")
    .option("--requests-per-minute <count>", "what one token may ask in a minute")
    .option("--log-level <level>", "debug, info, warn or error")
    .option(...boundOption)
    .action(async ({ bound = false, ...flags }: Record<string, string | boolean | undefined>) => {
      const config = loadConfig(hrConfig, { flags });
      const { runHr } = await import("../../bridge/hr/main.ts");
      await runHr(config, { bound: bound === true });
    });
}
