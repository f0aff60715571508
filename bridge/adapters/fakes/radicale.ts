import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../runtime/clock.ts";
import { retry, retryPolicies } from "../../../runtime/retry.ts";
import { spawnBound, stopProcess } from "../../../runtime/subprocess.ts";
import { freePort } from "./port.ts";

export type Radicale = {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Makes a calendar collection and hands back the folder in which its entries stand, one file each. */
  makeCalendar(name: string): Promise<string>;
  stop(): Promise<void>;
};

/** Debian's CalDAV server (radicale) with one account, on this machine. */
export async function startRadicale(): Promise<Radicale> {
  const folder = await mkdtemp(join(tmpdir(), "candor-radicale-"));
  const port = await freePort();
  const [username, password] = ["candor", "a-password"];
  await writeFile(join(folder, "users"), `${username}:${password}\n`);
  await writeFile(
    join(folder, "config"),
    [
      ...["[server]", `hosts = 127.0.0.1:${port}`, "[auth]", "type = htpasswd", "htpasswd_encryption = plain"],
      ...[`htpasswd_filename = ${join(folder, "users")}`, "[storage]", `filesystem_folder = ${folder}`, ""],
    ].join("\n"),
  );
  const server = spawnBound("radicale", ["--config", join(folder, "config")], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  await retry(retryPolicies.connect, { clock: systemClock }, () => fetch(url, { headers: { authorization } }));
  return {
    ...{ url, username, password },
    makeCalendar: async (name) => {
      const answer = await fetch(`${url}/${username}/${name}/`, { method: "MKCALENDAR", headers: { authorization } });
      if (answer.status !== 201) throw new Error(`radicale made no calendar: ${answer.status}`);
      return join(folder, "collection-root", username, name);
    },
    stop: async () => {
      await stopProcess(server, systemClock);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
