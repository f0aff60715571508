import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Violation } from "./sources.ts";

const versions = z.record(z.string(), z.string()).default({});
const manifestShape = z.looseObject({ dependencies: versions, devDependencies: versions });
const lockedPackage = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  optional: z.boolean().optional(),
  dependencies: versions,
  optionalDependencies: versions,
});
const lockShape = z.looseObject({ packages: z.record(z.string(), lockedPackage) });
type Locked = z.infer<typeof lockShape>["packages"];
type Manifest = z.infer<typeof manifestShape>;

const read = (root: string, path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
const inManifest = (complaint: string): Violation => ({ path: "package.json", line: 1, complaint });
const inLock = (complaint: string): Violation => ({ path: "package-lock.json", line: 1, complaint });

/** Exact versions in package.json, the same in the lock file. */
function checkPins({ dependencies, devDependencies }: Manifest, packages: Locked): Violation[] {
  return Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, version]) => {
    const exact = /^(npm:(@?[\w./-]+)@)?\d+\.\d+\.\d+/.test(version);
    const locked = packages[`node_modules/${name}`]?.version === version.replace(/^npm:.+@/, "");
    return [
      ...(exact ? [] : [inManifest(`${name} is "${version}": pin the exact version`)]),
      ...(locked ? [] : [inLock(`does not have ${name} as package.json wants it: run npm install`)]),
    ];
  });
}

/** Where Node would look for a package that the one at `from` names: beside it, then further up. */
function isThere(packages: Locked, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (!folder.includes("/node_modules/")) return packages[`node_modules/${name}`] !== undefined;
  }
}

/** `npm ci` refuses a lock file that lacks a package, also one that only another system would install. */
function checkWhole(packages: Locked): Violation[] {
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isThere(packages, path, name))
      .map((name) =>
        inLock(`lacks ${name}, which ${path === "" ? "package.json" : path} names: npm ci would refuse it`),
      ),
  );
}

/** A hash for each package but the optional ones (builds for other systems), and the public registry only. */
function checkSources(packages: Locked): Violation[] {
  return Object.entries(packages)
    .filter(([path]) => path !== "")
    .flatMap(([path, { resolved, integrity, optional }]) => [
      ...(integrity === undefined && optional !== true ? [inLock(`${path} has no hash`)] : []),
      ...(resolved === undefined || resolved.startsWith("https://registry.npmjs.org/")
        ? []
        : [inLock(`${path} comes from elsewhere than the public registry`)]),
    ]);
}

/** The lock file agrees with package.json, is whole, and says what every package's bytes are. */
export function checkLocks(root: string): Violation[] {
  const manifest = manifestShape.parse(read(root, "package.json"));
  const { packages } = lockShape.parse(read(root, "package-lock.json"));
  return [...checkPins(manifest, packages), ...checkWhole(packages), ...checkSources(packages)];
}
