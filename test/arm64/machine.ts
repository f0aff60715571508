import { join } from "node:path";
import { run } from "../../runtime/subprocess.ts";
import type { Qemu } from "./qemu.ts";

/** Libraries of arm64 (Debian's libc6-arm64-cross and libstdc++6-arm64-cross). */
export const sysroot = "/usr/aarch64-linux-gnu";

/** Cores whose instructions are offered. What a board has decides which of ONNX Runtime's kernels run. */
export const cores = {
  "cortex-a72": "Raspberry Pi 4: no dot product",
  "cortex-a76": "Raspberry Pi 5: dot product",
} as const;
export type Core = keyof typeof cores;

export type Place = {
  /** What runs a JavaScript file there: program and its first arguments. */
  command: readonly string[];
  /** The root of the project as it is installed there. */
  root: string;
};

/** Others work on this machine too. */
export const gently = ["nice", "-n", "10"] as const;

/** The installed copy, run by Node for arm64 in qemu-user as if on `core`. */
export const arm64Place = (at: { qemu: Qemu; node: string; root: string }, core: Core): Place => ({
  command: [...gently, at.qemu.path, "-cpu", core, "-L", sysroot, at.node],
  root: at.root,
});

export const hostPlace = (root: string): Place => ({ command: [...gently, process.execPath], root });

/** Runs a compiled file of the project to its end; hands back what it wrote. @throws Fault process.exited */
export async function runAt(
  { command, root }: Place,
  [file, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<string> {
  const [program = "", ...first] = command;
  const written = await run(program, [...first, join(root, file), ...args], { cwd: root, signal });
  return written.toString("utf8");
}
