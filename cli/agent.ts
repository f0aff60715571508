import { Command } from "commander";
import { agentConfig } from "../agent/config.ts";
import { startAgent } from "../agent/main.ts";
import { systemClock } from "../runtime/clock.ts";
import { loadConfig } from "../runtime/config.ts";
import { createLog } from "../runtime/log.ts";
import { endOfProcess } from "../runtime/parts.ts";

type Options = {
  state?: string;
  run?: string;
  identity?: string;
  models?: string;
  broker?: string;
  board?: string;
  boardOptions?: string;
  screenPort?: string;
  language?: string;
  threads?: string;
  externalParts?: boolean;
  logLevel?: string;
  bound?: boolean;
};

const flagsOf = (options: Options): Record<string, unknown> => ({
  stateDirectory: options.state,
  runDirectory: options.run,
  identityDirectory: options.identity,
  modelsDirectory: options.models,
  brokerUrl: options.broker,
  board: options.board,
  boardOptions: options.boardOptions,
  screenPort: options.screenPort,
  language: options.language,
  inferenceThreads: options.threads,
  externalParts: options.externalParts,
  logLevel: options.logLevel,
});

/** `candor agent`: the interview itself, with the processes it needs. */
export function agentCommand(): Command {
  return new Command("agent")
    .description("run the interview agent of this device: the candidate's page, recording, analysis, delivery")
    .option("--state <directory>", "where sessions, orders and the outbox are kept")
    .option("--run <directory>", "where sockets, the ready file and health stand")
    .option("--identity <directory>", "where enrolment has left the device's identity")
    .option("--models <directory>", "where models are")
    .option("--broker <url>", "the broker, mqtts://host:port")
    .option("--board <name>", "the board this device is")
    .option("--board-options <json>", "options of the board's drivers, a JSON object")
    .option("--screen-port <port>", "port of the candidate's page on loopback; 0 takes a free one")
    .option("--language <language>", "language of the page between interviews: zh-CN or en")
    .option("--threads <count>", "threads of the recogniser")
    .option("--external-parts", "capture and inference are started by systemd, not by the agent")
    .option("--log-level <level>", "debug, info, warn or error")
    .option("--bound", "end when standard input ends")
    .action(async (options: Options) => {
      const config = loadConfig(agentConfig, { flags: flagsOf(options) });
      const log = createLog({ name: "agent", level: config.logLevel });
      const ended = endOfProcess({ bound: options.bound ?? false });
      const agent = await startAgent({ config, clock: systemClock, log });
      log.info({ by: await ended }, "the agent ends");
      await agent.stop();
    });
}
