import { Command, Option } from "commander";
import { Fault } from "../contracts/fault.ts";
import { fairnessLimits } from "../inference/scoring/spread.ts";
import { systemClock } from "../runtime/clock.ts";
import { terminalLanguage } from "./demo/catalogue.ts";
import { measureFairness } from "./fairness/measure.ts";
import { fairnessReport } from "./fairness/report.ts";
import { variantGroups } from "./fairness/variants.ts";

type Options = {
  json?: boolean;
  models?: string;
  only?: string[];
  groups: string[];
  endToEnd: number;
  sameTranscript: number;
};

const groupsToMake = [...variantGroups, "voice"];

const names = (text: string): string[] =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");

/** What `--only` takes. @throws Fault use.invalid */
function wantedGroups(text: string): string[] {
  const wanted = text === "none" ? [] : names(text);
  const unknown = wanted.find((one) => !groupsToMake.includes(one));
  if (unknown !== undefined)
    throw new Fault("use.invalid", `--only ${unknown}: give some of ${groupsToMake.join(", ")}, or none`, {
      field: "only",
    });
  return wanted;
}

/** What a limit takes. @throws Fault use.invalid */
const pointsUpTo =
  (option: string) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || value < 0 || value > 100)
      throw new Fault("use.invalid", `${option} ${text}: give points from 0 to 100`, { field: option.slice(2) });
    return value;
  };

/** `candor fairness FILE`. Exit code 1 where a spread is above its limit. */
export function fairnessCommand(): Command {
  return new Command("fairness")
    .description(
      "record the answers of a file otherwise (speed, pitch, loudness, room noise, other voices), hear and score each, and say how far the scores lie apart; exit code 1 above a limit",
    )
    .argument("<file>", "JSON with a rubric and answers with recordings, as `candor score` reads it")
    .addOption(
      new Option("--only <list>", `which changes to make, of ${groupsToMake.join(",")}, or none`).argParser(
        wantedGroups,
      ),
    )
    .addOption(
      new Option("--groups <list>", 'compare people who say the same words by these keys of an answer\'s "groups"')
        .argParser(names)
        .default([], "none"),
    )
    .option(
      "--end-to-end <points>",
      "limit of the spread, recogniser included",
      pointsUpTo("--end-to-end"),
      fairnessLimits.endToEnd,
    )
    .option(
      "--same-transcript <points>",
      "limit of the spread with the original's words",
      pointsUpTo("--same-transcript"),
      fairnessLimits.sameTranscript,
    )
    .option("--json", "print one JSON value: { passed, limits, answers, groups, attributes, rescored, leftOut }")
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .action(async (file: string, { json, models, only, groups, endToEnd, sameTranscript }: Options) => {
      const limits = { endToEnd, sameTranscript };
      const found = await measureFairness(file, { models, only, groups, limits, clock: systemClock });
      const report = json ? JSON.stringify(found) : fairnessReport(found, terminalLanguage(process.env));
      process.stdout.write(`${report}\n`);
      if (!found.passed) process.exitCode = 1;
    });
}
