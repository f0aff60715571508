import { Fault } from "../../contracts/fault.ts";
import type { RegisteredSource } from "./source.ts";
import { successFactorsApplications } from "./successfactors-applications.ts";

/** Every system that applications can be pulled from. A new one is one file and one line here. */
export const sources: readonly RegisteredSource[] = [successFactorsApplications];

/** @throws Fault use.invalid */
export function sourceNamed(name: string): RegisteredSource {
  const found = sources.find((source) => source.name === name);
  if (found === undefined)
    throw new Fault(
      "use.invalid",
      `there is no source ${JSON.stringify(name)}: choose ${sources.map((one) => one.name).join(", ")}`,
    );
  return found;
}
