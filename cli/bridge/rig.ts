import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request as httpsRequest } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Identity } from "../../contracts/identity.ts";
import { readIdentity } from "../../provisioning/enrol.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { readIfThere } from "../../runtime/durable.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run, spawnBound, stopProcess } from "../../runtime/subprocess.ts";
import { Peer } from "./peer.ts";
import { until } from "./until.ts";

/** A centre of real processes for tests and measurements: mosquitto, relay and hr as `candor bridge` starts them, on free ports. */

const candor = (...words: string[]): string[] => [join(projectRoot, "cli", "candor.js"), "bridge", ...words];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

export type Answered = { status: number; body: Record<string, unknown>; raw: Buffer };

export class Rig {
  readonly directory: string;
  readonly ports: { broker: number; relay: number; api: number; internal: number };
  /** What relay and hr wrote to stderr. */
  logs = "";
  readonly #children = new Map<string, ChildProcess>();
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #agent: Agent;

  private constructor(directory: string, ports: Rig["ports"], agent: Agent) {
    this.directory = directory;
    this.ports = ports;
    this.#agent = agent;
  }

  static async start(): Promise<Rig> {
    const directory = join(await mkdtemp(join(tmpdir(), "candor-bridge-")), "centre");
    const [broker, relay, api, internal] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    await run(process.execPath, candor("init", "--directory", directory, "--broker-port", String(broker)));
    const ca = await readFile(join(directory, "authority", "authority.pem"));
    const rig = new Rig(directory, { broker, relay, api, internal }, new Agent({ ca, keepAlive: true }));
    await Promise.all([rig.run("broker"), rig.run("relay"), rig.run("hr")]);
    return rig;
  }

  get brokerUrl(): string {
    return `mqtts://localhost:${this.ports.broker}`;
  }

  #words(name: "broker" | "relay" | "hr"): readonly string[] {
    const { relay, api, internal } = this.ports;
    const at = ["--directory", this.directory, "--bound"];
    return {
      broker: ["/usr/sbin/mosquitto", "-c", join(this.directory, "broker", "mosquitto.conf")],
      relay: [
        process.execPath,
        ...candor(
          "relay",
          ...at,
          "--broker-url",
          this.brokerUrl,
          "--port",
          `${relay}`,
          "--hr-url",
          `https://localhost:${internal}`,
        ),
      ],
      hr: [
        process.execPath,
        ...candor(
          "hr",
          ...at,
          "--port",
          `${api}`,
          "--internal-port",
          `${internal}`,
          "--relay-url",
          `https://localhost:${relay}`,
        ),
      ],
    }[name];
  }

  /** Starts `broker`, `relay` or `hr` and waits until it is ready. */
  async run(name: "broker" | "relay" | "hr"): Promise<void> {
    const words = this.#words(name);
    await rm(join(this.directory, `${name}.ready.json`), { force: true });
    const [program = "", ...rest] = words;
    // A pulled plug is a kill of the process itself, so it must not stand behind another one.
    const child =
      name === "broker"
        ? spawnBound(program, rest, { stdio: ["ignore", "ignore", "pipe"] })
        : spawn(program, rest, { stdio: ["pipe", "ignore", "pipe"] });
    child.stderr?.on("data", (chunk: Buffer) => {
      this.logs += chunk.toString("utf8");
    });
    this.#children.set(name, child);
    if (name === "broker") return;
    await until(`${name} to be ready`, async () => {
      if (child.exitCode !== null) throw new Error(`${name} ended: ${this.logs}`);
      return (await readIfThere(join(this.directory, `${name}.ready.json`))) !== undefined;
    });
  }

  /** kill -9, as a pulled plug would. */
  async kill(name: "broker" | "relay" | "hr"): Promise<void> {
    const child = this.#children.get(name);
    if (child !== undefined) await stopProcess(child, clock, { signal: "SIGKILL" });
  }

  pid(name: "relay" | "hr"): number | undefined {
    const child = this.#children.get(name);
    return child?.exitCode === null && child.signalCode === null ? child.pid : undefined;
  }

  async command(...words: string[]): Promise<Record<string, unknown>> {
    const [first = "", ...rest] = words;
    const two = first === "token" || first === "target" ? [first, rest.shift() ?? ""] : [first];
    const out = await run(process.execPath, candor(...two, "--directory", this.directory, ...rest, "--json"));
    return z.record(z.string(), z.unknown()).parse(JSON.parse(out.toString("utf8")));
  }

  async enrol(tenantId: string, deviceId: string): Promise<Identity> {
    const output = join(this.directory, "..", `${tenantId}-${deviceId}`);
    await this.command("enrol", "--tenant", tenantId, "--device", deviceId, "--output", output);
    return readIdentity(output);
  }

  async token(tenantId: string, ...scopes: string[]): Promise<string> {
    const made = await this.command(
      "token",
      "create",
      "--tenant",
      tenantId,
      ...scopes.flatMap((scope) => ["--scope", scope]),
    );
    return String(made["token"]);
  }

  async target(tenantId: string, settings: object): Promise<void> {
    const words = candor("target", "set", "--directory", this.directory, "--tenant", tenantId, "--settings", "-");
    await run(process.execPath, words, { input: JSON.stringify(settings) });
  }

  async call(
    method: "GET" | "POST",
    path: string,
    options: { token?: string; body?: unknown; port?: number } = {},
  ): Promise<Answered> {
    const body =
      options.body === undefined
        ? undefined
        : typeof options.body === "string"
          ? options.body
          : JSON.stringify(options.body);
    const headers = {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    return new Promise((resolve, reject) => {
      const where = {
        host: "localhost",
        port: options.port ?? this.ports.api,
        method,
        path,
        agent: this.#agent,
        headers,
      };
      const request = httpsRequest(where, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const raw = Buffer.concat(chunks);
          const json = (response.headers["content-type"] ?? "").startsWith("application/json");
          resolve({
            status: response.statusCode ?? 0,
            raw,
            body: json ? (JSON.parse(raw.toString("utf8")) as Record<string, unknown>) : {},
          });
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  /** The value of `candor_refused_total{code}` at relay or hr. */
  async refusals(name: "relay" | "hr", code: string): Promise<number> {
    const { raw } = await this.call("GET", "/metrics", { port: name === "hr" ? this.ports.api : this.ports.relay });
    const line = raw
      .toString("utf8")
      .split("\n")
      .find((one) => one.startsWith(`candor_refused_total{code="${code}"}`));
    return line === undefined ? 0 : Number(line.split(" ").at(-1));
  }

  async device(identity: Identity): Promise<Peer> {
    const peer = await Peer.connect(this.brokerUrl, identity);
    this.#closing.push(() => peer.stop());
    return peer;
  }

  async stop(): Promise<void> {
    for (const close of this.#closing) await close();
    this.#agent.destroy();
    for (const name of ["hr", "relay", "broker"]) {
      const child = this.#children.get(name);
      if (child !== undefined) await stopProcess(child, clock);
    }
    await rm(join(this.directory, ".."), { recursive: true, force: true });
  }
}
