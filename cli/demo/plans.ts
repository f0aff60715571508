import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { readIfThere } from "../../runtime/durable.ts";
import { parseJson } from "../../runtime/parse.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run } from "../../runtime/subprocess.ts";
import { listens } from "./ports.ts";
import type { ProcessPlan } from "./process.ts";

/** The stack's processes, in the order in which they start. */
export const processNames = ["broker", "relay", "hr", "emulator", "agent"] as const;
export type ProcessName = (typeof processNames)[number];
export type Ports = { broker: number; relay: number; hr: number; internal: number };

/** Where everything of a stack lies. `board` is short: the path of a Unix socket takes at most 107 bytes. */
export type Layout = {
  directory: string;
  /** The bridge's folder: authority, keys, stores, broker. */
  centre: string;
  identity: string;
  /** The device's /var/lib/candor and /run/candor. */
  state: string;
  run: string;
  board: string;
  log: string;
  config: string;
  relayReady: string;
  hrReady: string;
  agentReady: string;
};

export function layoutOf(directory: string): Layout {
  const below = (name: string): string => join(directory, name);
  const centre = below("centre");
  return {
    directory,
    centre,
    identity: below("identity"),
    state: below("state"),
    run: below("run"),
    board: below("board"),
    log: below("log"),
    config: below("config"),
    relayReady: join(centre, "relay.ready.json"),
    hrReady: join(centre, "hr.ready.json"),
    agentReady: join(directory, "run", "agent.ready.json"),
  };
}

const candor = join(projectRoot, "cli", "candor.js");

/** This process's environment without what would configure a Candor installed on this machine. */
export function stackEnvironment({ config }: Layout, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^CANDOR_(AGENT|RELAY|HR)_/.test(name));
  return { ...Object.fromEntries(kept), CANDOR_CONFIG_DIR: config };
}

/** Runs a subcommand to its end and hands back its stdout. @throws Fault process.exited with its complaint */
export async function runCandor(words: readonly string[], input?: string): Promise<string> {
  const output = await run(process.execPath, [candor, ...words], input === undefined ? {} : { input });
  return output.toString("utf8");
}

const readyPid = z.looseObject({ pid: z.number() });

/** A ready file that names this very process; one of an earlier process says nothing. */
async function namesProcess(path: string, pid: number): Promise<boolean> {
  const text = await readIfThere(path);
  return text !== undefined && parseJson(readyPid, text, { what: path, otherwise: "file.unreadable" }).pid === pid;
}

function mosquitto(): string {
  const places = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"];
  const found = places.find((path) => existsSync(path));
  if (found === undefined)
    throw new Fault("process.missing", "mosquitto is not installed: run make setup, or apt-get install mosquitto");
  return found;
}

type PlanInputs = { layout: Layout; ports: Ports; env: NodeJS.ProcessEnv; modelsDirectory: string };

/** How each process is started; the words are those that an administrator would type. */
export function plans({ layout, ports, env, modelsDirectory }: PlanInputs): Record<ProcessName, ProcessPlan> {
  const brokerUrl = `mqtts://localhost:${ports.broker}`;
  const base = (name: ProcessName) => ({ name, env, logFile: join(layout.log, `${name}.log`) });
  const ours = (name: ProcessName, words: readonly string[], readyFile: string): ProcessPlan => ({
    ...base(name),
    program: process.execPath,
    args: [candor, ...words],
    prepare: () => rm(readyFile, { force: true }),
    ready: (pid) => namesProcess(readyFile, pid),
  });
  const centre = ["--directory", layout.centre];
  const relayAddress = ["--port", String(ports.relay), "--hr-url", `https://localhost:${ports.internal}`];
  const hrAddress = [
    "--port",
    String(ports.hr),
    "--internal-port",
    String(ports.internal),
    "--relay-url",
    `https://localhost:${ports.relay}`,
  ];
  const device = ["--state", layout.state, "--run", layout.run, "--identity", layout.identity, "--broker", brokerUrl];
  const board = ["--board", "emulated", "--board-options", JSON.stringify({ folder: layout.board })];
  return {
    broker: {
      ...base("broker"),
      program: mosquitto(),
      args: ["-c", join(layout.centre, "broker", "mosquitto.conf")],
      ready: () => listens(ports.broker),
    },
    relay: ours("relay", ["bridge", "relay", ...centre, "--broker-url", brokerUrl, ...relayAddress], layout.relayReady),
    hr: ours("hr", ["bridge", "hr", ...centre, ...hrAddress], layout.hrReady),
    emulator: {
      ...base("emulator"),
      program: process.execPath,
      args: [candor, "emulator", "--socket", layout.board],
      prepare: async () => {
        await mkdir(layout.board, { recursive: true });
        await rm(join(layout.board, "control.sock"), { force: true });
      },
      ready: async () => existsSync(join(layout.board, "control.sock")),
    },
    agent: ours("agent", ["agent", ...device, ...board, "--models", modelsDirectory], layout.agentReady),
  };
}
