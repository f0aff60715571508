import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { asFault } from "../contracts/fault.ts";
import { projectRoot } from "../runtime/paths.ts";
import { run } from "../runtime/subprocess.ts";
import { subcommands } from "./registry.ts";

const folder = join(projectRoot, "systemd");
const units = (await readdir(folder)).filter((name) => name.endsWith(".service"));

t.test("every unit starts a subcommand that exists", async (t) => {
  t.ok(units.length >= 7);
  for (const unit of units) {
    const [, subcommand = ""] =
      /^ExecStart=\/usr\/bin\/candor (\S+)/m.exec(await readFile(join(folder, unit), "utf8")) ?? [];
    t.ok(
      subcommands.some(({ name }) => name === subcommand),
      `${unit} starts ${subcommand}`,
    );
  }
});

const installed = await run("systemd-analyze", ["--version"]).then(
  () => true,
  (error) => asFault(error).code !== "process.missing",
);

/** What systemd has to say against these units: it warns on stderr and ends well for a key that it does not know. */
async function complaints(texts: Readonly<Record<string, string>>): Promise<string> {
  const copies = await mkdtemp(join(tmpdir(), "candor-units-"));
  try {
    for (const [name, text] of Object.entries(texts)) await writeFile(join(copies, name), text);
    const files = Object.keys(texts).map((name) => join(copies, name));
    const said = await run("sh", ["-c", 'systemd-analyze verify --man=no "$@" 2>&1 || true', "sh", ...files]);
    return said.toString("utf8").trim();
  } finally {
    await rm(copies, { recursive: true });
  }
}

t.test(
  "systemd finds nothing wrong with the units",
  { skip: installed ? false : "systemd is not installed" },
  async (t) => {
    // The project need not be installed here for its units to be looked at.
    const read = async (unit: string): Promise<[string, string]> => [
      unit,
      (await readFile(join(folder, unit), "utf8")).replaceAll("/usr/bin/candor", "/bin/true"),
    ];
    const texts = Object.fromEntries(await Promise.all(units.map(read)));
    t.equal(await complaints(texts), "");
    const misspelt = Object.values(texts)[0]?.replace("[Service]", "[Service]\nRestrat=always") ?? "";
    t.match(await complaints({ "candor-misspelt.service": misspelt }), /Restrat/, "it would be told");
  },
);
