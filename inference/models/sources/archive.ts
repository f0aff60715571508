import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Fault } from "../../../contracts/fault.ts";
import { spawnBound } from "../../../runtime/subprocess.ts";
import { sha256OfFile } from "../hashes.ts";
import { adoptPartial } from "../workspace.ts";
import type { SourceContext } from "./context.ts";
import { download } from "./url.ts";

type Archive = { url: string; sha256: string; bytes: number };

/** Downloads the archive, going on behind what an earlier fetch left in `folder`. What has the wrong hash is removed. */
async function bring(archive: Archive, folder: string, context: SourceContext): Promise<string> {
  const partial = await adoptPartial(join(folder, basename(new URL(archive.url).pathname)));
  try {
    await download({ url: archive.url, to: partial.path, bytes: archive.bytes }, context);
  } catch (error) {
    await partial.giveBack();
    throw error;
  }
  const found = await sha256OfFile(partial.path);
  if (found !== archive.sha256) {
    await rm(partial.path, { force: true });
    throw new Fault(
      "model.corrupt",
      `its archive has the sha256 ${found.slice(0, 12)}…, not ${archive.sha256.slice(0, 12)}…`,
    );
  }
  // Into the workspace, where it serves the model's other files and goes with it.
  return partial.moveTo(join(context.workspace, `${archive.sha256}.tar`));
}

/** tar finds out the compression by itself; bzip2 and xz must be installed for it. Throws file.unreadable, process.missing. */
async function unpack(path: string, member: string, to: string): Promise<void> {
  const child = spawnBound("tar", ["--extract", "--to-stdout", "--occurrence=1", "--file", path, "--", member], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Fault("process.missing", "tar could not be run: is it installed?");
  let complaint = "";
  stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-500);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  try {
    await pipeline(stdout, createWriteStream(to));
  } finally {
    child.kill("SIGKILL");
  }
  const code = await ended;
  if (code !== 0)
    throw new Fault("file.unreadable", `tar took no ${member} out of the archive: ${complaint.trim().split("\n")[0]}`);
}

/** Writes one member of a tar archive to `to`. An archive is downloaded and checked once a fetch. */
export async function extractFromArchive(
  source: Archive & { member: string },
  to: { path: string; folder: string },
  context: SourceContext,
): Promise<void> {
  let path = context.packages.get(source.url);
  if (path === undefined) {
    path = bring(source, to.folder, context);
    context.packages.set(source.url, path);
  }
  await unpack(await path, source.member, to.path);
}
