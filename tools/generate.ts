import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asyncapiDocument } from "./asyncapi.ts";
import { openapiDocument } from "./openapi.ts";
import { signalsDocument } from "./signals.ts";
import type { Violation } from "./sources.ts";

/** A file that is made from others: its path from the root, and how its text is made. */
type Generated = { path: string; make: (root: string) => string };

function versionOf(root: string): string {
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}

const generated: readonly Generated[] = [
  { path: "docs/asyncapi.json", make: (root) => `${JSON.stringify(asyncapiDocument(versionOf(root)), null, 2)}\n` },
  { path: "docs/openapi.json", make: (root) => `${JSON.stringify(openapiDocument(versionOf(root)), null, 2)}\n` },
  { path: "docs/signals.md", make: () => signalsDocument() },
];

/** Writes every generated file and names them. */
export function generate(root: string): string[] {
  return generated.map(({ path, make }) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), make(root));
    return path;
  });
}

/** Generated files that are missing, or not what would be generated now. */
export function checkGenerated(root: string): Violation[] {
  return generated.flatMap(({ path, make }) => {
    let text: string | undefined;
    try {
      text = readFileSync(join(root, path), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    return text === make(root)
      ? []
      : [{ path, line: 1, complaint: "is not what the files it is made from say: run make generate" }];
  });
}
