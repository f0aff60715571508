import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Violation } from "./sources.ts";

const versions = z.record(z.string(), z.string()).default({});
const manifestShape = z.looseObject({ dependencies: versions, devDependencies: versions });
const lockShape = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
    }),
  ),
});

const read = (root: string, path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

/**
 * package.json pins exact versions, package-lock.json agrees with it, names a hash for every package, and names no
 * registry but the public one (which each machine's npm configuration may stand in for).
 */
export function checkLocks(root: string): Violation[] {
  const manifest = manifestShape.parse(read(root, "package.json"));
  const { packages } = lockShape.parse(read(root, "package-lock.json"));
  const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  const loose = wanted
    .filter(([, version]) => !/^(npm:(@?[\w./-]+)@)?\d+\.\d+\.\d+/.test(version))
    .map(([name, version]) => ({ path: "package.json", complaint: `${name} is "${version}": pin the exact version` }));
  const stale = wanted
    .filter(([name, version]) => packages[`node_modules/${name}`]?.version !== version.replace(/^npm:.+@/, ""))
    .map(([name]) => ({
      path: "package-lock.json",
      complaint: `does not have ${name} as package.json wants it: run npm install`,
    }));
  const entries = Object.entries(packages).filter(([path]) => path !== "");
  const unhashed = entries
    .filter(([, { resolved, integrity }]) => resolved !== undefined && integrity === undefined)
    .map(([path]) => ({ path: "package-lock.json", complaint: `${path} has no hash` }));
  const elsewhere = entries
    .filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/"))
    .map(([path]) => ({
      path: "package-lock.json",
      complaint: `${path} comes from elsewhere than the public registry`,
    }));
  return [...loose, ...stale, ...unhashed, ...elsewhere].map((one) => ({ ...one, line: 1 }));
}
