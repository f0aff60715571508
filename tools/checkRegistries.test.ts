import { join } from "node:path";
import t from "tap";
import { projectRoot } from "../runtime/paths.ts";
import { checkRegistries } from "./checkRegistries.ts";
import { readSources } from "./sources.ts";

const adapter = { path: "bridge/adapters/webhook.ts", text: "export const webhook = defineAdapter({});" };
const ofAdapters = (text: string): string[] =>
  checkRegistries([adapter, { path: "bridge/adapters/registry.ts", text }])
    .filter(({ path }) => path.startsWith("bridge/adapters/"))
    .map(({ path }) => path);

t.test("finds a plug-in that its registry does not list", async (t) => {
  t.strictSame(ofAdapters("export {};"), ["bridge/adapters/webhook.ts"]);
});

t.test("is content with one that stands there", async (t) => {
  t.strictSame(ofAdapters('export { webhook } from "./webhook.ts";'), []);
});

t.test("finds a registry that is missing, and one whose plug-ins are not known by their mark", async (t) => {
  const found = checkRegistries([{ path: "boards/registry.ts", text: "" }]);
  t.match(found.find(({ path }) => path === "boards/registry.ts")?.complaint, /looks like a plug-in/);
  t.match(found.find(({ path }) => path === "cli/registry.ts")?.complaint, /missing/);
});

t.test("finds the subcommand of this tree when its line is taken away", async (t) => {
  const sources = readSources(join(projectRoot));
  const without = sources.map((source) =>
    source.path === "cli/registry.ts"
      ? { ...source, text: source.text.replace('import("./config.ts")', "nothing") }
      : source,
  );
  const complaints = checkRegistries(without).map(({ path }) => path);
  t.ok(complaints.includes("cli/config.ts"));
});
