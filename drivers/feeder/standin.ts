import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SourceBench } from "../capture/conformance.ts";
import { openTree } from "../tree.ts";

/** For tests: a camera that a program reads. The driver, and how it runs the program, are the real ones. */
export type StandIn = Omit<SourceBench, "open"> & { program: string };

/** How the program names each failure, and what it does where none is in its way: shell, with its arguments as "$@". */
export type Behaviour = { name: string; missing: string; busy: string; reads: string };

/** A program that has one holder, as a camera does, and that ends when its camera is unplugged. */
export async function openStandIn({ name, missing, busy, reads }: Behaviour): Promise<StandIn> {
  const { root, write, remove, close } = await openTree();
  const program = join(root, name);
  const at = (file: string): string => `"${join(root, file)}"`;
  const plug = (): Promise<void> => write({ plugged: "" });
  const refuse = (words: string): string => `{ echo '${words}' >&2; exit 1; }`;
  const text = [
    "#!/bin/sh",
    `[ "$1" = --version ] && exit 0`,
    `[ -e ${at("plugged")} ] || ${refuse(missing)}`,
    `exec 9>>${at("holder")}`,
    `flock --nonblock 9 || ${refuse(busy)}`,
    `echo $$ >${at("pid")}`,
    reads,
  ];
  await write({ [name]: `${text.join("\n")}\n`, pid: "" });
  await chmod(program, 0o755);
  await plug();
  return {
    program,
    plug,
    unplug: async () => {
      await remove("plugged");
      const pid = Number(await readFile(join(root, "pid"), "utf8"));
      if (pid > 0) process.kill(pid, "SIGKILL");
      await write({ pid: "" });
    },
    close,
  };
}
