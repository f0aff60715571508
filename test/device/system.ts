import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Receiver, startReceiver } from "../../bridge/adapters/receiver.ts";
import { runCandor } from "../../cli/demo/plans.ts";
import { type ProcessName, type Stack, startStack } from "../../cli/demo/stack.ts";
import type { ButtonName } from "../../contracts/screen.ts";
import { seconds } from "../../contracts/units.ts";
import type { Emulator } from "../../drivers/emulator/client.ts";
import { systemClock } from "../../runtime/clock.ts";
import { readIfThere } from "../../runtime/durable.ts";
import { type Centre, openCentre } from "./centre.ts";
import { type Gate, openGate } from "./gate.ts";
import { Page } from "./page.ts";
import { eventually } from "./waiting.ts";

export type PartName = "mic" | "camera" | "inference" | "judge";

/** What the agent says of itself in `health.json`. */
export type Health = {
  parts: Record<string, { state: string; fault?: string }>;
  faults: Record<string, number>;
  outbox: { waiting: number; stored: number; parked: number };
  clock: unknown;
};

/** A whole Candor on this machine with what a test needs to act on it: a candidate's eyes and hands, HR's API, HR's receiver. */
export type System = {
  readonly stack: Stack;
  readonly centre: Centre;
  readonly page: Page;
  readonly emulator: Emulator;
  /** HR's end; what hr delivers passes the gate on its way there. */
  readonly receiver: Receiver;
  readonly gate: Gate;
  readonly brokerUrl: string;
  /** For files of the test itself: pictures of codes, cut clips. Not a folder of the device. */
  readonly scratch: string;
  /** TMPDIR of every process of the stack. */
  readonly temporary: string;
  press(button: ButtonName): Promise<void>;
  /** Codes shown so far: names of their pictures. */
  codes: number;
  partPids(): Promise<Partial<Record<PartName, number>>>;
  /** kill -9 of a process that the agent started; resolves when the agent has started another. */
  killPart(name: PartName): Promise<number>;
  health(): Promise<Health>;
  /** The records that HR's receiver keeps of a session. */
  results(sessionId: string): Receiver["received"];
  close(): Promise<void>;
};

export type SystemOptions = {
  /** Extra environment of single processes. */
  env?: Partial<Record<ProcessName, NodeJS.ProcessEnv>>;
  /** Which the candidate presses: the page's buttons, or those of the board. */
  hands?: "page" | "board";
  /** Processes that the test does without, or starts itself. */
  without?: readonly ProcessName[];
};

const everyProcess: readonly ProcessName[] = ["broker", "relay", "hr", "emulator", "agent"];
const secret = "a secret of the tests' HR system";

export async function openSystem({ env = {}, without = [], hands = "page" }: SystemOptions = {}): Promise<System> {
  const scratch = await mkdtemp(join(tmpdir(), "candor-test-"));
  const temporary = join(scratch, "tmp");
  await mkdir(temporary);
  const environment = Object.fromEntries(everyProcess.map((name) => [name, { TMPDIR: temporary, ...env[name] }]));
  const stack = await startStack({ env: environment, without });
  const receiver = await startReceiver({ secret });
  const gate = await openGate(receiver.url);
  const target = ["--tenant", stack.tenantId, "--adapter", "webhook", "--settings", "-", "--json"];
  const [token] = await Promise.all([
    stack.createToken(["orders:write", "orders:read", "scorecards:read", "audit:read", "operate"]),
    runCandor(
      ["bridge", "target", "set", "--directory", stack.layout.centre, ...target],
      JSON.stringify({ url: gate.url, secret }),
    ),
  ]);
  const centre = await openCentre({ bridge: stack.layout.centre, url: () => stack.api.url, token });
  const page = new Page(stack.layout.run);
  const partPids: System["partPids"] = async () =>
    JSON.parse((await readIfThere(join(stack.layout.run, "parts.json"))) ?? "{}") as Partial<Record<PartName, number>>;
  return {
    stack,
    centre,
    page,
    get emulator() {
      return stack.emulator;
    },
    receiver,
    gate,
    brokerUrl: `mqtts://localhost:${stack.ports.broker}`,
    scratch,
    temporary,
    press: (button) => (hands === "page" ? page.press(button) : stack.emulator.press(button)),
    codes: 0,
    partPids,
    killPart: async (name) => {
      const pid = (await partPids())[name];
      if (pid === undefined) throw new Error(`the agent has no ${name} process`);
      process.kill(pid, "SIGKILL");
      await eventually({ what: `the agent to start ${name} again`, limit: seconds(15) }, async () => {
        const now = (await partPids())[name];
        return now !== undefined && now !== pid;
      });
      return pid;
    },
    health: () =>
      eventually({ what: "the agent to write its health", limit: seconds(15) }, async () => {
        const text = await readIfThere(join(stack.layout.run, "health.json"));
        return text === undefined ? undefined : (JSON.parse(text) as Health);
      }),
    results: (sessionId) => receiver.received.filter((one) => one.key.includes(sessionId)),
    close: async () => {
      page.close();
      await stack.stopAll();
      await gate.close();
      await receiver.stop();
      // A failed run's folder is worth a look; CANDOR_TEST_KEEP leaves it.
      if (process.env["CANDOR_TEST_KEEP"] !== undefined) return;
      await rm(stack.directory, { recursive: true, force: true });
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** The agent's process number now; a test that asks for it relies on it running. */
export function agentPid(system: System): number {
  const pid = system.stack.pid("agent");
  if (pid === undefined) throw new Error("the agent does not run");
  return pid;
}

/** kill -9 of one process and a new start with the same words, after `pause`. */
export async function killAndStart(system: System, name: ProcessName, pause = 0): Promise<void> {
  await system.stack.kill(name);
  await systemClock.sleep(pause);
  await system.stack.start(name);
}
