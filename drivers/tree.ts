import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** For tests of drivers that read the kernel's files: a folder with such files. */
export type Tree = {
  root: string;
  /** Makes files, by their path. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  remove(path: string): Promise<void>;
  close(): Promise<void>;
};

export async function openTree(): Promise<Tree> {
  const root = await mkdtemp(join(tmpdir(), "candor-tree-"));
  return {
    root,
    write: async (files) => {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      }
    },
    remove: (path) => rm(join(root, path), { recursive: true, force: true }),
    close: () => rm(root, { recursive: true, force: true }),
  };
}
