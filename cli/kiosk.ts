import { Command } from "commander";
import { systemClock } from "../runtime/clock.ts";
import { loadConfig } from "../runtime/config.ts";
import { createLog } from "../runtime/log.ts";
import { endOfProcess, startParts } from "../runtime/parts.ts";
import { kioskConfig } from "./kiosk/config.ts";
import { Keeper } from "./kiosk/keeper.ts";

type Options = { run?: string; silence?: string; bound?: boolean };

/** `candor kiosk`: the browser on the device's screen. */
export function kioskCommand(): Command {
  return new Command("kiosk")
    .description("show the agent's page on this device's screen, and start the browser again when its page is silent")
    .option("--run <directory>", "where the agent leaves its ready file")
    .option("--silence <seconds>", "how long the page may give no sign of life")
    .option("--bound", "end when standard input ends")
    .action(async ({ run, silence, bound }: Options) => {
      const config = loadConfig(kioskConfig, { flags: { runDirectory: run, silenceSeconds: silence } });
      const log = createLog({ name: "kiosk", level: config.logLevel });
      const ended = endOfProcess({ bound: bound ?? false });
      const running = await startParts([new Keeper({ config, clock: systemClock, log })], log);
      log.info({ by: await ended }, "the kiosk ends");
      await running.stop();
    });
}
