import { copyFile, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../../contracts/fault.ts";
import { deadline } from "../../../runtime/clock.ts";
import { projectRoot } from "../../../runtime/paths.ts";
import { run } from "../../../runtime/subprocess.ts";
import { readTarMember } from "../archive/tar.ts";
import type { SourceContext } from "./context.ts";

/** The folder of the package where exactly this version is installed, else undefined. */
async function installed(name: string, version: string): Promise<string | undefined> {
  const folder = join(projectRoot, "node_modules", name);
  try {
    const found = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version?: unknown };
    return found.version === version ? folder : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Fault("file.unreadable", `${folder}/package.json cannot be read`, { cause: error });
  }
}

async function pack(specifier: string, context: SourceContext): Promise<string> {
  const dead = (): Fault => new Fault("peer.unreachable", "the npm registry did not answer");
  const quick = ["--fetch-retries=0", `--fetch-timeout=${context.limits.answer}`, "--loglevel=error"];
  try {
    // Twice the limit: npm itself takes a second or two to start on a board.
    await deadline(context.limits.answer * 2, dead, (signal) =>
      run("npm", ["view", specifier, "dist.tarball", ...quick], { signal }),
    );
  } catch (error) {
    if (error instanceof Fault && error.code === "process.exited")
      throw new Fault("peer.unreachable", `npm finds no ${specifier}: ${error.message}`, { cause: error });
    throw error;
  }
  const folder = await mkdtemp(join(context.workspace, "npm-"));
  const late = (): Fault =>
    new Fault("peer.unreachable", `npm did not finish ${specifier} within ${context.limits.package / 1000} s`);
  await deadline(context.limits.package, late, (signal) =>
    run("npm", ["pack", specifier, "--pack-destination", folder, "--loglevel=error"], {
      signal: context.signal === undefined ? signal : AbortSignal.any([signal, context.signal]),
    }),
  );
  const found = (await readdir(folder)).find((file) => file.endsWith(".tgz"));
  if (found === undefined) throw new Fault("peer.refused", `npm brought no archive for ${specifier}`);
  return join(folder, found);
}

/** Writes one file of an npm package to `to`, from node_modules where that very version is installed. */
export async function extractFromPackage(
  wanted: { package: string; member: string },
  to: string,
  context: SourceContext,
): Promise<void> {
  const cut = wanted.package.lastIndexOf("@");
  const folder = await installed(wanted.package.slice(0, cut), wanted.package.slice(cut + 1));
  if (folder !== undefined) {
    await copyFile(join(folder, wanted.member), to);
    return;
  }
  let archive = context.packages.get(wanted.package);
  if (archive === undefined) {
    archive = pack(wanted.package, context);
    context.packages.set(wanted.package, archive);
  }
  await writeFile(to, await readTarMember(await archive, `package/${wanted.member}`));
}
