import { codeOnly, type Import, importsOf, lineAt, type Source, type Violation } from "./sources.ts";

/** One row of the table "Where a line of code lives". The first row whose `where` begins the path holds. */
type Row = {
  where: string;
  /** Folders or files of ours, besides the row's own folder. "*": any. */
  may: readonly string[];
  /** npm packages; "*": any. */
  packages: readonly string[] | "*";
  /** Modules of Node. */
  node: boolean;
  /** Further ones whose types may be imported. */
  types?: readonly string[];
};

const table: readonly Row[] = [
  { where: "contracts/", may: [], packages: ["zod"], node: false },
  { where: "runtime/", may: ["contracts/"], packages: "*", node: true },
  { where: "drivers/", may: ["contracts/", "runtime/"], packages: "*", node: true },
  { where: "boards/", may: ["contracts/"], packages: [], node: false, types: ["drivers/registry.ts", "inference/"] },
  {
    where: "inference/scoring/",
    may: ["contracts/", "runtime/canonical.ts"],
    packages: ["@node-rs/jieba", "jstat", "opencc-js", "pinyin-pro"],
    node: false,
  },
  { where: "inference/", may: ["contracts/", "runtime/"], packages: "*", node: true },
  { where: "agent/main.ts", may: ["*"], packages: "*", node: true },
  {
    where: "agent/session/",
    may: ["contracts/", "runtime/canonical.ts", "runtime/clock.ts", "agent/questions/"],
    packages: [],
    node: false,
  },
  { where: "agent/", may: ["contracts/", "runtime/"], packages: "*", node: true },
  { where: "screen/", may: ["contracts/"], packages: [], node: false },
  { where: "provisioning/", may: ["contracts/", "runtime/"], packages: "*", node: true },
  { where: "bridge/", may: ["contracts/", "runtime/", "inference/scoring/"], packages: "*", node: true },
  { where: "console/", may: ["contracts/"], packages: "*", node: false },
  { where: "cli/", may: ["*"], packages: "*", node: true },
  { where: "test/", may: ["*"], packages: "*", node: true },
  { where: "tools/", may: ["*"], packages: "*", node: true },
];

const begins = (target: string, places: readonly string[]): boolean =>
  places.some((place) => place === "*" || target.startsWith(place));

function mayImport(row: Row, { target, typesOnly }: Import): boolean {
  if (target.startsWith("node:")) return row.node;
  // A package's name has no file ending; files of ours do.
  if (!/\.(ts|json)$/.test(target))
    return row.packages === "*" || row.packages.some((name) => target === name || target.startsWith(`${name}/`));
  const own = `${row.where.split("/")[0]}/`;
  const home = row.where.endsWith("/") ? row.where : own;
  return begins(target, [home, ...row.may]) || (typesOnly && begins(target, row.types ?? []));
}

/** Tests, of the host or of the bench's machine, stand beside what they test and may set up anything. */
const isTest = (path: string): boolean => /\.(test|hil)\.ts$/.test(path);

/** Imports that the table does not allow, and files outside every row. */
export function checkImports(sources: readonly Source[]): Violation[] {
  return sources.flatMap((source) => {
    const { path } = source;
    const row = table.find(({ where }) => path.startsWith(where));
    if (row === undefined) return [{ path, line: 1, complaint: "stands in no folder of the architecture: move it" }];
    if (isTest(path)) return [];
    return importsOf(source)
      .filter((one) => !mayImport(row, one))
      .map(({ target, line }) => ({
        path,
        line,
        complaint: `${row.where} may not import ${target}; it may import ${[...row.may, ...(row.packages === "*" ? ["packages"] : row.packages)].join(", ") || "nothing"}`,
      }));
  });
}

const forbidden: readonly { pattern: RegExp; remedy: string }[] = [
  { pattern: /\bDate\.now\b/g, remedy: "take a Clock: clock.wall() or clock.monotonic()" },
  { pattern: /\bnew Date\(\s*\)/g, remedy: "take a Clock: clock.wall()" },
  { pattern: /(?<![.\w])set(?:Timeout|Interval)\(/g, remedy: "take a Clock: clock.sleep() or clock.every()" },
  { pattern: /\bMath\.random\b/g, remedy: "take a Clock: clock.random()" },
];

/** Time and chance are read in runtime/clock.ts only. */
export function checkClock(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path }) => path !== "runtime/clock.ts")
    .flatMap(({ path, text }) => {
      const code = codeOnly(text);
      return forbidden.flatMap(({ pattern, remedy }) =>
        [...code.matchAll(pattern)].map((found) => ({
          path,
          line: lineAt(code, found.index),
          complaint: `${found[0]} outside runtime/clock.ts: ${remedy}`,
        })),
      );
    });
}

const drawers = new Set(["lib", "libs", "util", "utils", "common", "helper", "helpers", "manager", "misc"]);

/** Names that say nothing about what lives there. */
export function checkNames(paths: readonly string[]): Violation[] {
  return paths.flatMap((path) => {
    const drawer = path.split("/").find((step) => drawers.has(step.replace(/(\.test)?\.\w+$/, "").toLowerCase()));
    return drawer === undefined
      ? []
      : [{ path, line: 1, complaint: `"${drawer}" says nothing: name what lives there` }];
  });
}
