import { createServer } from "node:net";
import { resolve } from "node:path";
import { Fault } from "../contracts/fault.ts";
import { sha256 } from "./canonical.ts";

/**
 * Holds a folder for this process alone, until `release` or the end of the process, however it ends: the kernel keeps the
 * name (an abstract Unix socket, unix(7)), so no lock file is left behind. Processes in another network namespace are not
 * seen. @throws Fault storage.inUse
 */
export async function holdAlone(folder: string): Promise<{ release(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((done, fail) => {
    server.once("error", (error) =>
      fail(
        new Fault("storage.inUse", `another process works in ${folder}: stop it first, or choose another folder`, {
          cause: error,
        }),
      ),
    );
    server.listen(`\0candor/${sha256(resolve(folder))}`, done);
  });
  server.unref();
  return {
    release: () =>
      new Promise((done) => {
        server.close(() => done());
      }),
  };
}
