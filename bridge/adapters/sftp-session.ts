import { createHash } from "node:crypto";
import { Client, type SFTPWrapper } from "ssh2";
import { Fault } from "../../contracts/fault.ts";
import { answerLimit } from "./http.ts";

export type SftpOptions = {
  host: string;
  port: number;
  username: string;
  privateKey?: string | undefined;
  password?: string | undefined;
  hostKey: string;
};

/** `SHA256:…` of a host key, as `ssh-keygen -lf` prints it. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02 §7). */
export const noSuchFile = 2;
export const permissionDenied = 3;

/** The code with which the server answered; undefined where it did not answer at all. */
export const statusOf = (error: unknown): number | undefined => {
  const { code } = error as { code?: unknown };
  return typeof code === "number" ? code : undefined;
};

type Done<T> = (error: Error | null | undefined, value: T) => void;

const promised = <T>(begin: (done: Done<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    begin((error, value) => (error ? reject(error) : resolve(value)));
  });

/** One SSH connection with its SFTP channel, to a host that proves to hold the pinned key. */
export class SftpSession {
  readonly #client: Client;
  readonly #sftp: SFTPWrapper;
  #over = false;
  /** Ends what waits for an answer when the connection goes. */
  readonly #gone: Promise<never>;

  private constructor(client: Client, sftp: SFTPWrapper) {
    this.#client = client;
    this.#sftp = sftp;
    this.#gone = new Promise((_, reject) => {
      client.once("close", () => {
        this.#over = true;
        reject(new Fault("peer.unreachable", "the SFTP server closed the connection"));
      });
    });
    // Heard by whoever waits; with nobody waiting it is no failure of anything.
    this.#gone.catch(() => undefined);
  }

  /** @throws Fault certificate.untrusted, peer.refused (login), peer.unreachable */
  static async open(options: SftpOptions, signal: AbortSignal): Promise<SftpSession> {
    const { host, port, username, privateKey, password, hostKey } = options;
    const client = new Client();
    let shown: string | undefined;
    const stop = (): void => {
      client.destroy();
    };
    signal.addEventListener("abort", stop, { once: true });
    try {
      const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
        client.on("error", reject);
        client.once("close", () => reject(new Fault("peer.unreachable", `${host} closed the connection`)));
        client.once("ready", () => client.sftp((error, opened) => (error ? reject(error) : resolve(opened))));
        client.connect({
          ...{ host, port, username, readyTimeout: answerLimit, keepaliveInterval: 15_000 },
          ...(privateKey === undefined ? {} : { privateKey }),
          ...(password === undefined ? {} : { password }),
          hostVerifier: (key: Buffer) => {
            shown = fingerprintOf(key);
            return shown === hostKey;
          },
        });
      });
      return new SftpSession(client, sftp);
    } catch (error) {
      client.destroy();
      signal.throwIfAborted();
      throw refusal(error, { host, shown, hostKey });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  get over(): boolean {
    return this.#over;
  }

  /** The file's text, or undefined where there is none. */
  async read(path: string): Promise<string | undefined> {
    try {
      return (await this.#asked<Buffer>((done) => this.#sftp.readFile(path, done))).toString("utf8");
    } catch (error) {
      if (statusOf(error) === noSuchFile) return undefined;
      throw error;
    }
  }

  /** Writes the whole file anew, readable by the folder's group, and onto the server's disk where OpenSSH can do that. */
  async write(path: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const handle = await this.#asked<Buffer>((done) => this.#sftp.open(path, "w", 0o640, done));
    try {
      await this.#asked<void>((done) =>
        this.#sftp.write(handle, bytes, 0, bytes.length, 0, (error) => done(error, undefined)),
      );
      // A server without fsync@openssh.com keeps what it wrote as its disk does.
      await this.#asked<void>((done) => this.#sftp.ext_openssh_fsync(handle, (error) => done(error, undefined))).catch(
        (error: unknown) => {
          if (error instanceof Fault) throw error;
        },
      );
    } finally {
      await this.#asked<void>((done) => this.#sftp.close(handle, (error) => done(error, undefined)));
    }
  }

  /** The old kind of renaming, which never replaces what stands there. */
  rename(from: string, to: string): Promise<void> {
    return this.#asked<void>((done) => this.#sftp.rename(from, to, (error) => done(error, undefined)));
  }

  close(): void {
    this.#client.destroy();
  }

  #asked<T>(begin: (done: Done<T>) => void): Promise<T> {
    return Promise.race([promised(begin), this.#gone]);
  }
}

function refusal(
  error: unknown,
  { host, shown, hostKey }: { host: string; shown: string | undefined; hostKey: string },
): unknown {
  if (shown !== undefined && shown !== hostKey)
    return new Fault(
      "certificate.untrusted",
      `${host} shows the host key ${shown}, not the one that is set: find out why before hostKey is changed`,
    );
  if ((error as { level?: unknown }).level === "client-authentication")
    return new Fault("peer.refused", `${host} does not let this user in: check username and key there`);
  return error instanceof Fault ? error : new Fault("peer.unreachable", `${host} does not answer`, { cause: error });
}
