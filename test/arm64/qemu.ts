import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asFault } from "../../contracts/fault.ts";
import { namesIn } from "../../runtime/durable.ts";
import { run } from "../../runtime/subprocess.ts";

export type Qemu = { path: string; version: string };

/** In 7.2, which is Debian 12's, ONNX Runtime 1.30 ends with a segmentation fault while it is loaded. */
const oldest = 10;
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The version a `qemu-aarch64 --version` names, undefined where there is no such program. */
async function versionOf(path: string): Promise<string | undefined> {
  const told = await run(path, ["--version"]).catch(() => Buffer.alloc(0));
  return /version (\d+\.\d+(\.\d+)?)/.exec(told.toString("utf8"))?.[1];
}

export const newEnough = (version: string): boolean => Number(version.split(".")[0]) >= oldest;

/** The mirror this machine itself uses for Debian, and the name of its release. */
async function debian(): Promise<{ mirror: string; release: string }> {
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile("/etc/os-release", "utf8"))?.[1] ?? "";
  const format = "$(ORIGIN) $(CODENAME) $(REPO_URI)";
  const targets = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const [, mirror] = new RegExp(`^Debian ${release} (\\S+)$`, "m").exec(targets.toString("utf8")) ?? [];
  if (mirror === undefined) throw new Error("apt has no mirror of Debian");
  return { mirror, release };
}

/**
 * Takes qemu-user out of the backports into `folder`. apt works on lists of its own there: the machine's sources, pins
 * and packages stay as they are. apt checks the archive's signature.
 */
async function fetchQemu(folder: string): Promise<void> {
  const { mirror, release } = await debian();
  const inside = (name: string): string => join(folder, "apt", name);
  for (const name of ["lists/partial", "archives/partial", "unpacked"]) await mkdir(inside(name), { recursive: true });
  await writeFile(inside("sources.list"), `deb [signed-by=${keyring}] ${mirror} ${release}-backports main\n`);
  const settings = {
    "Dir::Etc::sourcelist": inside("sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Dir::State::lists": inside("lists"),
    "Dir::Cache::archives": inside("archives"),
    "Dir::Cache::pkgcache": "",
    "Dir::Cache::srcpkgcache": "",
    // As root apt downloads as another user, who may not write here.
    "APT::Sandbox::User": "root",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await run("apt-get", [...options, "update"]);
  await run("apt-get", [...options, "download", "qemu-user"], { cwd: inside("archives") });
  const archive = (await namesIn(inside("archives"))).find((name) => /^qemu-user_.*\.deb$/.test(name));
  if (archive === undefined) throw new Error(`${release}-backports has no qemu-user`);
  await run("dpkg-deb", ["-x", inside(`archives/${archive}`), inside("unpacked")]);
  await rename(inside("unpacked/usr/bin/qemu-aarch64"), join(folder, "qemu-aarch64"));
  await rm(join(folder, "apt"), { recursive: true });
}

/**
 * A qemu-aarch64 that can run the smoke: the one named, else the machine's, else one from the backports, kept in
 * `folder`. Where there is none, the words that say why.
 */
export async function findQemu(folder: string, named?: string): Promise<Qemu | { notRun: string }> {
  const kept = join(folder, "qemu-aarch64");
  const tried: string[] = [];
  for (const path of named === undefined ? ["qemu-aarch64", "qemu-aarch64-static", kept] : [named]) {
    const version = await versionOf(path);
    if (version !== undefined && newEnough(version)) return { path, version };
    if (version !== undefined) tried.push(`qemu-user ${version} is older than ${oldest}`);
  }
  if (named !== undefined) return { notRun: tried[0] ?? `${named} is no qemu-aarch64` };
  const why = await fetchQemu(folder).then(
    () => undefined,
    (error) => asFault(error).message,
  );
  const version = await versionOf(kept);
  if (version !== undefined && newEnough(version)) return { path: kept, version };
  tried.push(why ?? `the backports have qemu-user ${version}`);
  return { notRun: tried.join("; ") };
}
