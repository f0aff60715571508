import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Violation } from "./sources.ts";

/** The program is not installed where units are checked. */
const notThere = /^Command \/usr\/bin\/candor is not executable/;
/** `unit: complaint`, or `/path/of/unit:line: complaint`. */
const told = /^(?:\/\S+\/)?([\w@-]+\.\w+):(?:(\d+):)? (.*)$/;

/** What `systemd-analyze verify` says of our units; what it says of others on the machine is not ours to mend. */
export function unitComplaints(output: string, units: readonly string[]): Violation[] {
  return output.split("\n").flatMap((text) => {
    const [, unit = "", line = "1", complaint = ""] = told.exec(text) ?? [];
    if (!units.includes(unit) || notThere.test(complaint)) return [];
    return [{ path: `systemd/${unit}`, line: Number(line), complaint }];
  });
}

/** The units as systemd itself reads them: unknown keys, wrong values, orders in a circle. Without systemd there is no judge. */
export function checkUnits(root: string): Violation[] {
  const folder = join(root, "systemd");
  const units = readdirSync(folder).filter((name) => name.endsWith(".service"));
  const paths = units.map((name) => join(folder, name));
  const { stderr, error } = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], { encoding: "utf8" });
  return error === undefined ? unitComplaints(stderr, units) : [];
}
