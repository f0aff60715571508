import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, Agent as HttpsAgent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3-multiple-ciphers";
import { Outbox } from "../../agent/outbox.ts";
import { readRelayKeys } from "../../bridge/keys.ts";
import { runCandor } from "../../cli/demo/plans.ts";
import { eventTypes, signedTypes } from "../../contracts/envelope.ts";
import type { Order } from "../../contracts/order.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import { seconds } from "../../contracts/units.ts";
import { readIdentity } from "../../provisioning/enrol.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seal, sign } from "../../runtime/seal.ts";
import { wholeInterview } from "../device/interview.ts";
import { orderFor } from "../device/order.ts";
import { residentBytes } from "../device/processes.ts";
import { agentPid, openSystem, type System } from "../device/system.ts";
import { eventually } from "../device/waiting.ts";
import { WiredDevice } from "../device/wiredDevice.ts";

/** One line of the table. `limit` is of `measured` in `unit`; `peer` is what the bare mechanism takes in the same run. */
export type SystemRow = { name: string; measured: number; peer: number; limit: number | null; unit: string };

const results = 200;
const megabyte = 1024 * 1024;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
/** The nearest-rank percentile. */
const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A bare Node that does nothing: how long it takes to start and end, and what it takes of memory. */
async function bareNode(): Promise<{ millis: number; bytes: number }> {
  const millis = median([await timed(endOfBareNode), await timed(endOfBareNode), await timed(endOfBareNode)]);
  const child = spawn(process.execPath, ["-e", "process.stdout.write('.'); process.stdin.resume()"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const bytes = (await residentBytes(child.pid ?? 0)) ?? Number.NaN;
  child.stdin.end();
  await once(child, "exit");
  return { millis, bytes };
}

const endOfBareNode = async (): Promise<void> => {
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
};

/** Three starts of the agent after the first, from the spawn to its ready file (seen within 50 ms). */
async function startRow(system: System, peer: number): Promise<SystemRow> {
  const taken: number[] = [];
  for (let round = 0; round < 3; round++) {
    await system.stack.stop("agent");
    taken.push(await timed(() => system.stack.start("agent")));
  }
  return { name: "agent, start → ready", measured: median(taken), peer, limit: 3000, unit: "ms" };
}

/** The largest resident size during an interview: of the agent, and of it with its capture processes. */
async function memoryRows(system: System, peer: number): Promise<SystemRow[]> {
  let [alone, all] = [0, 0];
  const sample = async (): Promise<void> => {
    const parts = await system.partPids();
    const agent = (await residentBytes(agentPid(system))) ?? 0;
    const captures = await Promise.all(
      [parts.mic, parts.camera].map(async (pid) => (pid === undefined ? 0 : ((await residentBytes(pid)) ?? 0))),
    );
    alone = Math.max(alone, agent);
    all = Math.max(
      all,
      captures.reduce((sum, one) => sum + one, agent),
    );
  };
  const stop = systemClock.every(250, sample);
  await wholeInterview(system, { length: 8 });
  stop();
  return [
    {
      name: "agent RSS during an interview",
      measured: alone / megabyte,
      peer: peer / megabyte,
      limit: 200,
      unit: "MB",
    },
    {
      name: "agent and both captures, RSS together",
      measured: all / megabyte,
      peer: peer / megabyte,
      limit: null,
      unit: "MB",
    },
  ];
}

/** The physical floor: an HTTPS POST of the same body over loopback on a kept connection, answered after a synced SQLite commit. */
async function bareDelivery(system: System, body: string): Promise<number[]> {
  const keys = await readRelayKeys(system.stack.layout.centre);
  const database = new Database(join(system.scratch, "floor.sqlite"));
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.exec("CREATE TABLE results (body TEXT)");
  const insert = database.prepare("INSERT INTO results VALUES (?)");
  const server = createServer({ cert: keys.tls.certificatePem, key: keys.tls.keyPem }, (asked, answer) => {
    const parts: Buffer[] = [];
    asked.on("data", (part: Buffer) => parts.push(part));
    asked.on("end", () => {
      insert.run(Buffer.concat(parts).toString("utf8"));
      answer.writeHead(204).end();
    });
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const agent = new HttpsAgent({ keepAlive: true, ca: keys.authorityPem });
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  const post = async (): Promise<void> => {
    const call = request(url, { method: "POST", agent });
    call.end(body);
    const [answer] = (await once(call, "response")) as [NodeJS.ReadableStream];
    answer.resume();
    await once(answer, "end");
  };
  const taken: number[] = [];
  for (let at = 0; at < results; at++) taken.push(await timed(post));
  agent.destroy();
  server.close();
  database.close();
  return taken;
}

/** A device's own outbox on the wire of an enrolled device. */
async function openSender(system: System): Promise<{ device: WiredDevice; outbox: Outbox }> {
  const { tenantId, layout } = system.stack;
  const folder = join(system.scratch, "bench-1");
  await runCandor([
    "bridge",
    "enrol",
    "--directory",
    layout.centre,
    "--tenant",
    tenantId,
    "--device",
    "bench-1",
    "--output",
    folder,
    "--json",
  ]);
  const identity = await readIdentity(folder);
  const device = new WiredDevice(identity, system.brokerUrl);
  await device.open();
  const outbox = new Outbox({
    stateDirectory: join(system.scratch, "bench-state"),
    identity,
    bootId: systemClock.id(),
    clock: systemClock,
    log: silentLog(),
    quality: () => "unknown",
    publish: (payload) => device.sendRaw(payload),
    onFault: (error) => {
      throw error;
    },
  });
  await outbox.start();
  return { device, outbox };
}

/** From a score in memory (still to be signed, sealed and put into the durable outbox) to the moment HR has it. */
async function deliverOne(
  use: { system: System; device: WiredDevice; outbox: Outbox },
  card: Scorecard,
  order: Order,
): Promise<number> {
  const { system, device, outbox } = use;
  const { keyPem, certificatePem } = device.identity;
  const eventId = systemClock.id();
  const began = performance.now();
  const inner = await sign(card, { key: { keyPem, certificatePem }, type: signedTypes.scorecard });
  const sealed = await seal(inner, order.recipients);
  await outbox.put({
    eventId,
    type: eventTypes.scorecard,
    payload: { sessionId: card.sessionId, revision: card.revision, sealed },
    until: "accepted",
    sessionId: card.sessionId,
  });
  await eventually(
    { what: "the result at the HR system", limit: seconds(20), pause: 1 },
    () => system.results(card.sessionId).length > 0,
  );
  const taken = performance.now() - began;
  await outbox.settle({ eventId, state: "accepted" });
  return taken;
}

async function deliveryRows(system: System, template: Scorecard): Promise<SystemRow[]> {
  const { device, outbox } = await openSender(system);
  const order = await device.untilOrder(await system.centre.place(orderFor({ deviceId: "bench-1" })));
  const taken: number[] = [];
  for (let at = 0; at < results; at++) {
    const card: Scorecard = {
      ...template,
      sessionId: systemClock.id(),
      orderId: order.orderId,
      deviceId: "bench-1",
      candidateRef: order.candidate.candidateRef,
    };
    taken.push(await deliverOne({ system, device, outbox }, card, order));
  }
  outbox.stop();
  await device.close();
  const floor = await bareDelivery(system, JSON.stringify(template));
  return [
    {
      name: `score → HR, p99 of ${results}`,
      measured: percentile(taken, 0.99),
      peer: percentile(floor, 0.99),
      limit: 500,
      unit: "ms",
    },
    { name: `score → HR, median of ${results}`, measured: median(taken), peer: median(floor), limit: null, unit: "ms" },
  ];
}

/** Measures the whole system on this machine: one real interview, then 200 results from a device's outbox to HR's receiver. About 3 minutes. */
export async function systemBench(): Promise<SystemRow[]> {
  const bare = await bareNode();
  const system = await openSystem();
  try {
    const rows = [await startRow(system, bare.millis)];
    rows.push(...(await memoryRows(system, bare.bytes)));
    const sessionId = await eventually(
      { what: "the interview's result at the HR system", limit: seconds(60) },
      () => system.receiver.received[0]?.key.split("/")[1],
    );
    const { body } = await system.centre.ask<{ scorecard: Scorecard }>("GET", `/v1/scorecards/${sessionId}`);
    rows.push(...(await deliveryRows(system, body.scorecard)));
    return rows;
  } finally {
    await system.close();
  }
}

/** A table line: what was measured, what the bare mechanism took, and whether the limit holds. */
export const systemLine = ({ name, measured, peer, limit, unit }: SystemRow): string =>
  `${name.padEnd(52)} ${measured.toFixed(1).padStart(10)} ${unit}  bare ${peer.toFixed(1).padStart(10)} ${unit}  ${limit === null ? "" : `(limit ${limit} ${unit})`}`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await systemBench();
  process.stdout.write(`${rows.map(systemLine).join("\n")}\n`);
  process.exitCode = rows.every((one) => one.limit === null || one.measured <= one.limit) ? 0 : 1;
}
