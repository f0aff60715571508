import { readdir } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { boards } from "../boards/registry.ts";
import { projectRoot } from "../runtime/paths.ts";
import { withOptions } from "./mount.ts";
import { drivers } from "./registry.ts";

t.test("every driver file stands in the registry under its kind and mechanism", async (t) => {
  for (const [kind, mechanisms] of Object.entries(drivers)) {
    const files = await readdir(join(projectRoot, "drivers", kind));
    const mechanismFiles = files.filter((file) => file !== "conformance.ts" && !/\.(test|hil)\.ts$/.test(file));
    t.strictSame(
      Object.keys(mechanisms)
        .map((name) => `${name}.ts`)
        .sort(),
      mechanismFiles.sort(),
    );
    for (const driver of Object.values(mechanisms)) t.equal(driver.kind, kind);
  }
});

t.test("options of a board reach every driver that has such an option, and are refused when none has", async (t) => {
  const moved = withOptions(boards.emulated.mounts, { folder: "/tmp/elsewhere" });
  t.strictSame(moved.mic.options, { folder: "/tmp/elsewhere" });
  t.strictSame(moved.leds["recording-camera"].options, { line: "recording-camera", folder: "/tmp/elsewhere" });
  t.strictSame(moved.buttons["A"]?.options, { button: "A", folder: "/tmp/elsewhere" });
  t.throws(() => withOptions(boards.emulated.mounts, { foldr: "/tmp" }), { code: "config.unknown", field: "foldr" });
});
