import { Command, InvalidArgumentError } from "commander";
import { asFault } from "../../contracts/fault.ts";
import { minutes } from "../../contracts/units.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { buildDisks } from "./machine.ts";
import { PlanEnded, type PlanOptions } from "./plans/plan.ts";
import { plans } from "./plans/registry.ts";

type Options = { points: number; seed: number; withoutFsync?: boolean; within?: number };

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("give a whole number");
  return Number(text);
};

/** Runs the plans named, or all but the losses of power; the last line counts the results. */
async function main(names: string[], { points, seed, withoutFsync = false, within }: Options): Promise<void> {
  const started = clock.monotonic();
  const unknown = names.find((name) => !plans.some((plan) => plan.name === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`there is no plan ${unknown}: ${plans.map(({ name }) => name).join(", ")}`);
  const wanted =
    names.length === 0
      ? plans.filter(({ name }) => name !== "power")
      : plans.filter(({ name }) => names.includes(name));
  const disks = await buildDisks();
  const counted = { passed: 0, failed: 0 };
  for (const plan of wanted) {
    const begun = clock.monotonic();
    if (within !== undefined && begun - started + minutes(plan.minutes) > minutes(within)) {
      console.log(`# ${plan.name}: not run, it would not end within ${within} minutes`);
      continue;
    }
    console.log(`# ${plan.name}: ${plan.summary}`);
    const tell: PlanOptions["tell"] = (passed, name, why) => {
      counted[passed ? "passed" : "failed"] += 1;
      const at = ((clock.monotonic() - begun) / 1000).toFixed(0);
      console.log(
        `${passed ? "ok" : "not ok"} - ${plan.name}: ${name} (${at} s)${why === undefined ? "" : `\n  ${why.replaceAll("\n", "\n  ")}`}`,
      );
    };
    try {
      await plan.run({ disks, tell, points, seed, withoutFsync });
    } catch (error) {
      if (!(error instanceof PlanEnded)) tell(false, "runs to its end", asFault(error).message);
    }
    console.log(`# ${plan.name}: ${((clock.monotonic() - begun) / 1000).toFixed(0)} s`);
  }
  console.log(`${counted.passed} passed, ${counted.failed} failed`);
  process.exitCode = counted.failed === 0 ? 0 : 1;
}

await new Command("bench")
  .description("boots a machine with real kernel drivers and runs plans on it")
  .argument(
    "[plans...]",
    `which: ${plans.map(({ name, summary }) => `${name} (${summary})`).join("; ")}; default: all but power`,
  )
  .option("--within <minutes>", "begin no plan that would end later than this after the start", whole)
  .option("--points <count>", "losses of power", whole, 20)
  .option("--seed <number>", "of what is drawn by chance", whole, Math.floor(clock.wall() % 1e6))
  .option("--without-fsync", "take the device's syncing away: the plan power must fail then")
  .action(main)
  .parseAsync();
