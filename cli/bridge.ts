import { Command } from "commander";
import { accountCommand } from "./bridge/account.ts";
import { hrCommand, relayCommand } from "./bridge/run.ts";
import { enrolCommand, initCommand, sourceCommand, targetCommand, tokenCommand } from "./bridge/set-up.ts";

/** `candor bridge …`: the centre. Its two processes, and what makes them. */
export function bridgeCommand(): Command {
  return new Command("bridge")
    .description("the centre: relay and hr, their keys, devices, tokens, accounts, targets and sources")
    .addCommand(initCommand())
    .addCommand(enrolCommand())
    .addCommand(tokenCommand())
    .addCommand(accountCommand())
    .addCommand(targetCommand())
    .addCommand(sourceCommand())
    .addCommand(relayCommand())
    .addCommand(hrCommand());
}
