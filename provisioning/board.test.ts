import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import t from "tap";
import { readBoardFacts, readBoardProfile } from "./board.ts";

const root = await mkdtemp(join(tmpdir(), "candor-facts-"));
t.teardown(() => rm(root, { recursive: true, force: true }));

async function place(machine: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, machine, path)), { recursive: true });
    await writeFile(join(root, machine, path), text);
  }
  return join(root, machine);
}

t.test("entries of a device tree end in NUL", async (t) => {
  const machine = await place("tree", { "proc/device-tree/compatible": "raspberrypi,4-model-b\0brcm,bcm2711\0" });
  t.strictSame(await readBoardFacts(machine), { compatible: ["raspberrypi,4-model-b", "brcm,bcm2711"] });
});

t.test("a PC has DMI, a container has neither", async (t) => {
  const machine = await place("pc", {
    "sys/class/dmi/id/sys_vendor": "A vendor\n",
    "sys/class/dmi/id/product_name": "A product\n",
  });
  t.strictSame(await readBoardFacts(machine), { dmi: { vendor: "A vendor", product: "A product" } });
  t.strictSame(await readBoardFacts(join(root, "none")), {});
});

t.test("a profile that is none is refused, and never taken for a missing one", async (t) => {
  t.equal(await readBoardProfile(join(root, "none")), undefined);
  const folder = await place("etc", { "board-profile.json": '{ "board": "emulated", "recogniser": "whisper-bass" }' });
  await t.rejects(readBoardProfile(folder), { code: "config.invalid" });
});
