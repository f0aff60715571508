import { Fault } from "../contracts/fault.ts";

/** What `--threads` takes. @throws Fault use.invalid */
export function wholeThreads(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 64)
    throw new Fault("use.invalid", `--threads ${text}: give a whole number from 1 to 64`, { field: "threads" });
  return value;
}
