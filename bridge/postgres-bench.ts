import { execFile, execFileSync } from "node:child_process";
import { chmod, chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The password in every address of the bench: tests look for it where it must not stand. */
export const benchPassword = "markersecret";

/** A PostgreSQL cluster of a test's own, on a socket in a temporary folder; gone with everything in it after `stop`. */
export type PostgresBench = {
  address: (database: string, user?: string) => string;
  /** Makes an empty database; hands back its address. */
  create: () => Promise<string>;
  stop: () => Promise<void>;
};

const execute = promisify(execFile);

// PostgreSQL refuses root.
const asRoot = process.getuid?.() === 0;
const asPostgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
const postgresId = (which: "-u" | "-g"): number => Number(execFileSync("id", [which, "postgres"]).toString());

function command(program: string, words: readonly string[]): [string, string[]] {
  const [first = program, ...rest] = [...(asRoot ? asPostgres : []), program, ...words];
  return [first, rest];
}

/** The server stays behind with the streams of whom it was started by: there must be none to wait for. */
function runToEnd(program: string, ...words: string[]): void {
  execFileSync(...command(program, words), { cwd: "/", stdio: "ignore" });
}

export async function startPostgres(): Promise<PostgresBench> {
  const [version = "15"] = (await readdir("/usr/lib/postgresql")).sort().reverse();
  const binary = (name: string): string => `/usr/lib/postgresql/${version}/bin/${name}`;
  const folder = await mkdtemp(join(tmpdir(), "candor-pg-"));
  await chmod(folder, 0o700);
  if (asRoot) await chown(folder, postgresId("-u"), postgresId("-g"));
  const data = join(folder, "data");
  runToEnd(binary("initdb"), "-D", data, "-U", "candor", "-A", "trust", "--no-sync");
  const options = `-k ${folder} -c listen_addresses='' -c fsync=off`;
  runToEnd(binary("pg_ctl"), "-D", data, "-w", "-l", join(folder, "log"), "-o", options, "start");
  const address: PostgresBench["address"] = (database, user = "candor") =>
    `postgres://${user}:${benchPassword}@/${database}?host=${encodeURIComponent(folder)}`;
  let made = 0;
  return {
    address,
    create: async () => {
      made += 1;
      const name = `store${made}`;
      await execute(...command(binary("createdb"), ["-h", folder, "-U", "candor", name]), { cwd: "/" });
      return address(name);
    },
    stop: async () => {
      runToEnd(binary("pg_ctl"), "-D", data, "-m", "immediate", "stop");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
