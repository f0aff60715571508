import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../runtime/clock.ts";
import { retry, retryPolicies } from "../../../runtime/retry.ts";
import { run, spawnBound, stopProcess } from "../../../runtime/subprocess.ts";
import { freePort } from "./port.ts";

export type Sshd = {
  readonly port: number;
  readonly username: string;
  readonly privateKey: string;
  /** Fingerprint of its host key. */
  readonly hostKey: string;
  stop(): Promise<void>;
};

/** Debian's OpenSSH server for SFTP alone, with a host key of its own, for the user who runs it. */
export async function startSshd(): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), "candor-sshd-"));
  // Only root's server separates privileges, and wants this folder for it, as Debian's unit makes it.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const port = await freePort();
  const path = (name: string): string => join(folder, name);
  for (const name of ["host", "user"]) await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path(name)]);
  await writeFile(path("authorized"), await readFile(path("user.pub")));
  await chmod(path("authorized"), 0o600);
  await writeFile(
    path("config"),
    [
      ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${path("host")}`, "PidFile none", "UsePAM no"],
      ...[`AuthorizedKeysFile ${path("authorized")}`, "StrictModes no", "PasswordAuthentication no"],
      ...["PermitRootLogin prohibit-password", "Subsystem sftp internal-sftp", "MaxStartups 100", ""],
    ].join("\n"),
  );
  const server = spawnBound("/usr/sbin/sshd", ["-D", "-e", "-f", path("config")], { stdio: "ignore" });
  await retry(
    retryPolicies.connect,
    { clock: systemClock },
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, "127.0.0.1");
        socket.once("error", reject);
        socket.once("data", () => {
          socket.destroy();
          resolve();
        });
      }),
  );
  const [, hostKey = ""] = (await run("ssh-keygen", ["-lf", path("host.pub")])).toString("utf8").split(" ");
  return {
    ...{ port, hostKey, username: userInfo().username, privateKey: await readFile(path("user"), "utf8") },
    stop: async () => {
      await stopProcess(server, systemClock);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Wire = {
  readonly port: number;
  /** Cuts the connection instead of passing on what the server says, while this is so. */
  cutWhen: () => boolean;
  /** Says nothing more in either direction. */
  silent: boolean;
  stop(): Promise<void>;
};

/** A wire to a port of this machine that can be cut or fall silent. */
export async function startWire(to: number): Promise<Wire> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        open.delete(socket);
        end();
      });
    }
    near.on("data", (chunk) => {
      if (!wire.silent) far.write(chunk);
    });
    far.on("data", (chunk) => {
      if (wire.cutWhen()) end();
      else if (!wire.silent) near.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const wire: Wire = {
    port: address !== null && typeof address === "object" ? address.port : 0,
    cutWhen: () => false,
    silent: false,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return wire;
}
