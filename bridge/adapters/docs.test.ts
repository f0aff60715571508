import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { projectRoot } from "../../runtime/paths.ts";
import { adapters } from "./registry.ts";

const page = await readFile(join(projectRoot, "docs/adapters.md"), "utf8");

for (const { name, guarantee, options } of adapters)
  t.test(`docs/adapters.md tells what ${name} guarantees, with settings that it takes`, async (t) => {
    t.ok(page.includes(guarantee), "the guarantee as the adapter states it");
    const [, example = ""] = new RegExp(`^## ${name}\\n\\n\`\`\`json\\n([^\`]+)\`\`\``, "m").exec(page) ?? [];
    t.match(options.safeParse(JSON.parse(example)), { success: true });
  });
