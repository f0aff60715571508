import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { mountsOf } from "./mounted.ts";
import { resolveBoard } from "./resolved.ts";

const folder = await mkdtemp(join(tmpdir(), "candor-resolve-"));
t.teardown(() => rm(folder, { recursive: true, force: true }));

async function configured(name: string, profile: object): Promise<string> {
  const configFolder = join(folder, name);
  await mkdir(configFolder, { recursive: true });
  await writeFile(join(configFolder, "board-profile.json"), JSON.stringify(profile));
  return configFolder;
}

const measured = {
  board: "emulated",
  measuredAt: "2026-03-01T09:00:00Z",
  recogniser: "whisper-base",
  live: ["en"],
  picture: { width: 640, height: 480, framesPerSecond: 10 },
};

t.test("a machine that says nothing of itself is refused, and named it is not looked at", async (t) => {
  await t.rejects(resolveBoard("auto", { root: folder, configFolder: folder }), { code: "board.unrecognised" });
  const { board, by, profile } = await resolveBoard("emulated", { root: folder, configFolder: folder });
  t.strictSame([board.name, by, profile.live], ["emulated", "configuration", ["zh-CN", "en"]]);
});

t.test("what was measured on this board is what runs, and what was measured on another is refused", async (t) => {
  const own = await resolveBoard("emulated", { configFolder: await configured("own", measured) });
  t.strictSame(own.profile.live, ["en"]);
  const other = await configured("other", { ...measured, board: "another" });
  await t.rejects(resolveBoard("emulated", { configFolder: other }), { code: "config.invalid", field: "board" });
});

t.test("the administrator's options reach every driver that takes them, and bad ones are refused", async (t) => {
  const resolved = await resolveBoard("emulated", { configFolder: folder });
  t.match(mountsOf(resolved, '{ "folder": "/tmp/elsewhere" }').speaker, { options: { folder: "/tmp/elsewhere" } });
  t.throws(() => mountsOf(resolved, "{"), { code: "config.invalid" });
  t.throws(() => mountsOf(resolved, '{ "foldr": "/tmp" }'), { code: "config.unknown", field: "foldr" });
});
