import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type Received, type Receiver, type ReceiverOptions, startReceiver } from "../../bridge/adapters/receiver.ts";
import { Fault } from "../../contracts/fault.ts";
import { connectEmulator, type Emulator } from "../../drivers/emulator/client.ts";
import { defaultModelsDirectory } from "../../inference/models/store.ts";
import { type Clock, systemClock } from "../../runtime/clock.ts";
import { readIfThere } from "../../runtime/durable.ts";
import { parseJson } from "../../runtime/parse.ts";
import { HrApi } from "./api.ts";
import {
  type Layout,
  layoutOf,
  type Ports,
  type ProcessName,
  plans,
  processNames,
  runCandor,
  stackEnvironment,
} from "./plans.ts";
import { freePorts } from "./ports.ts";
import { DemoProcess } from "./process.ts";
import type { ScreenAddress } from "./screen.ts";

export type { Received } from "../../bridge/adapters/receiver.ts";
export type { ProcessName } from "./plans.ts";

/** What the stack tells while it comes up, as keys of the demo's catalogue. */
export type Progress = (key: string, facts?: Record<string, string | number>) => void;

export type StackOptions = {
  tenantId?: string;
  deviceId?: string;
  modelsDirectory?: string;
  /** Further environment of single processes (a skewed clock, a failing disk). */
  env?: Partial<Record<ProcessName, NodeJS.ProcessEnv>>;
  /** Processes that are set up and not started; `start` does when they are wanted. */
  without?: readonly ProcessName[];
  /** Lets the HR receiver be one in trouble. */
  receiverTrouble?: ReceiverOptions["trouble"];
  /** Called for each result that the HR receiver takes. */
  onResult?: (result: Received) => void;
  onProgress?: Progress;
  clock?: Clock;
};

const readyFile = z.looseObject({
  pid: z.number(),
  url: z.string().optional(),
  origin: z.string().optional(),
  token: z.string().optional(),
  screenUrl: z.string().optional(),
});
const tokenAnswer = z.looseObject({ token: z.string() });

/**
 * A whole Candor on this machine: throw-away authority, mosquitto, relay, hr, an HR receiver, one enrolled device with
 * the emulated board and its agent. Each but the receiver is a process of its own that dies with this one.
 */
export class Stack {
  readonly layout: Layout;
  readonly ports: Ports;
  readonly tenantId: string;
  readonly deviceId: string;
  readonly #options: StackOptions;
  readonly #clock: Clock;
  readonly #processes = new Map<ProcessName, DemoProcess>();
  #receiver: Receiver | undefined;
  #emulator: Emulator | undefined;
  #api: HrApi | undefined;

  /** Makes nothing yet; `startStack` does. */
  constructor(layout: Layout, ports: Ports, options: StackOptions) {
    this.layout = layout;
    this.ports = ports;
    this.tenantId = options.tenantId ?? "demo";
    this.deviceId = options.deviceId ?? "lobby-1";
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get directory(): string {
    return this.layout.directory;
  }

  get api(): HrApi {
    return present(this.#api, "hr's API");
  }

  /** The HR system's end. */
  get receiver(): Receiver {
    return present(this.#receiver, "the HR receiver");
  }

  /** Hands, voice and face in front of the device. */
  get emulator(): Emulator {
    return present(this.#emulator, "the emulated board");
  }

  pid(name: ProcessName): number | undefined {
    return this.#processes.get(name)?.pid;
  }

  logFile(name: ProcessName): string {
    return join(this.layout.log, `${name}.log`);
  }

  /** Where the agent's page is now; undefined while the agent is not ready. */
  async screenAddress(): Promise<ScreenAddress | undefined> {
    const ready = await this.#ready(this.layout.agentReady);
    return ready?.origin === undefined || ready.token === undefined
      ? undefined
      : { origin: ready.origin, token: ready.token };
  }

  /** The address that a browser opens to see the candidate's page. */
  async screenUrl(): Promise<string | undefined> {
    return (await this.#ready(this.layout.agentReady))?.screenUrl;
  }

  /** A further bearer token of hr's API. */
  async createToken(scopes: readonly string[], tenantId = this.tenantId): Promise<string> {
    const words = ["bridge", "token", "create", "--directory", this.layout.centre, "--tenant", tenantId, "--json"];
    const answer = await runCandor([...words, ...scopes.flatMap((scope) => ["--scope", scope])]);
    return parseJson(tokenAnswer, answer, { what: "the new token" }).token;
  }

  /** Starts a process that is not running; `env` counts for this start only. */
  async start(name: ProcessName, env: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.#process(name).start({ ...this.#options.env?.[name], ...env });
    if (name === "emulator") this.#emulator = await connectEmulator(this.layout.board);
  }

  /** Asks one process to end in order. */
  async stop(name: ProcessName): Promise<void> {
    await this.#process(name).stop();
  }

  /** kill -9 */
  async kill(name: ProcessName): Promise<void> {
    await this.#process(name).kill();
  }

  /** Holds a process still (SIGSTOP). */
  pause(name: ProcessName): void {
    this.#process(name).pause();
  }

  resume(name: ProcessName): void {
    this.#process(name).resume();
  }

  /** Sets up the centre and the device, then starts every process. */
  async startAll(): Promise<void> {
    const tell = this.#options.onProgress ?? (() => undefined);
    await this.#setUpCentre();
    tell("stack.authority");
    await this.start("broker");
    tell("stack.broker", { port: this.ports.broker });
    const wanted = (["relay", "hr", "emulator"] as const).filter((name) => !this.#options.without?.includes(name));
    await Promise.all([this.#startReceiver(), ...wanted.map((name) => this.start(name))]);
    tell("stack.centre", { url: `https://localhost:${this.ports.hr}`, receiver: this.receiver.url });
    if (this.#options.without?.includes("agent")) return;
    await this.start("agent");
    tell("stack.agent", { board: "emulated" });
  }

  /** Stops all in reverse order of the start, each whatever the others do. */
  async stopAll(): Promise<void> {
    this.#emulator?.close();
    const results: PromiseSettledResult<void>[] = [];
    for (const name of [...processNames].reverse())
      results.push(...(await Promise.allSettled([this.#processes.get(name)?.stop()])));
    results.push(...(await Promise.allSettled([this.#receiver?.stop()])));
    const failed = results.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async #setUpCentre(): Promise<void> {
    const { centre, identity } = this.layout;
    const { tenantId, deviceId } = this;
    const hosts = ["--host", "localhost", "--host", "127.0.0.1"];
    await runCandor([
      "bridge",
      "init",
      "--directory",
      centre,
      "--broker-port",
      String(this.ports.broker),
      ...hosts,
      "--json",
    ]);
    const device = ["--tenant", tenantId, "--device", deviceId, "--output", identity];
    const [token] = await Promise.all([
      this.createToken(["orders:write", "orders:read", "scorecards:read", "audit:read", "operate"]),
      runCandor(["bridge", "enrol", "--directory", centre, ...device, "--json"]),
    ]);
    const authorityPem = await readFile(join(centre, "authority", "authority.pem"), "utf8");
    this.#api = new HrApi({ url: `https://localhost:${this.ports.hr}`, authorityPem, token });
    const modelsDirectory = this.#options.modelsDirectory ?? defaultModelsDirectory();
    const built = plans({
      layout: this.layout,
      ports: this.ports,
      env: stackEnvironment(this.layout),
      modelsDirectory,
    });
    for (const name of processNames) this.#processes.set(name, new DemoProcess(built[name], this.#clock));
  }

  async #startReceiver(): Promise<void> {
    const secret = this.#clock.id();
    const { onResult, receiverTrouble: trouble } = this.#options;
    const optional = { ...(onResult === undefined ? {} : { onResult }), ...(trouble === undefined ? {} : { trouble }) };
    this.#receiver = await startReceiver({ secret, clock: this.#clock, ...optional });
    const target = ["--tenant", this.tenantId, "--adapter", "webhook", "--settings", "-"];
    const settings = JSON.stringify({ url: this.#receiver.url, secret });
    await runCandor(["bridge", "target", "set", "--directory", this.layout.centre, ...target, "--json"], settings);
  }

  async #ready(path: string): Promise<z.infer<typeof readyFile> | undefined> {
    const text = await readIfThere(path);
    return text === undefined ? undefined : parseJson(readyFile, text, { what: path, otherwise: "file.unreadable" });
  }

  #process(name: ProcessName): DemoProcess {
    return present(this.#processes.get(name), name);
  }
}

function present<T>(thing: T | undefined, name: string): T {
  if (thing === undefined) throw new Fault("process.missing", `${name} was not started: start the whole stack first`);
  return thing;
}

/** Starts everything in a new folder under the system's temporary one. A failed start leaves nothing running. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const directory = await mkdtemp(join(tmpdir(), "candor-"));
  const [broker = 0, relay = 0, hr = 0, internal = 0] = await freePorts(4);
  const stack = new Stack(layoutOf(directory), { broker, relay, hr, internal }, options);
  try {
    await stack.startAll();
  } catch (error) {
    await stack.stopAll();
    throw error;
  }
  return stack;
}

/** Takes the stack's folder away: keys, stores, logs. */
export async function removeStack(stack: Stack): Promise<void> {
  await rm(stack.directory, { recursive: true, force: true });
}
