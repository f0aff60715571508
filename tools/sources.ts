import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** A source file of the tree; `path` is relative to the root, with `/`. */
export type Source = { path: string; text: string };
/** What a check found: where, and what to do about it. */
export type Violation = { path: string; line: number; complaint: string };

const passedOver = new Set(["node_modules", "dist", "fixtures", "docs"]);

/** Every TypeScript file below `root` that is ours. */
export function readSources(root: string, below = ""): Source[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(below, entry.name);
    if (entry.isDirectory())
      return passedOver.has(entry.name) || entry.name.startsWith(".") ? [] : readSources(root, path);
    return entry.name.endsWith(".ts") ? [{ path, text: readFileSync(join(root, path), "utf8") }] : [];
  });
}

const comments = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/;
const texts = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/;
const lexemes = new RegExp(`${comments.source}|${texts.source}`, "g");

const blank = (text: string): string => text.replace(/[^\n]/g, " ");

/** The text with comments blanked, lines kept; texts are kept, since imports name their file in one. */
export const withoutComments = (text: string): string =>
  text.replace(lexemes, (found) => (found.startsWith("/") ? blank(found) : found));

/** The text with comments and the inside of texts blanked: what is left is code. What `${}` holds counts as text. */
export const codeOnly = (text: string): string =>
  text.replace(lexemes, (found) =>
    found.startsWith("/") ? blank(found) : found.charAt(0) + blank(found.slice(1, -1)) + found.charAt(0),
  );

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

export type Import = { target: string; typesOnly: boolean; line: number };

const statement = /\b(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\sfrom\s*)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/g;

/** What the file imports or re-exports, also by `import()`. Relative targets come resolved against the root. */
export function importsOf({ path, text }: Source): Import[] {
  const code = withoutComments(text);
  return [...code.matchAll(statement)].map((found) => {
    const named = found[3] ?? found[4] ?? "";
    return {
      target: named.startsWith(".") ? posix.join(posix.dirname(path), named) : named,
      typesOnly: found[2] !== undefined,
      line: lineAt(code, found.index),
    };
  });
}
