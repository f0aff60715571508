import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import t from "tap";
import { seconds } from "../contracts/units.ts";
import { eventually } from "../drivers/eventually.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { Health } from "./health.ts";
import { owed, staleParts, statusOf, Watchdog } from "./watchdog.ts";

t.test("names the loops that owe work and do none, and only those that have begun", async (t) => {
  const fresh = { sinceWork: 0, state: "working" };
  t.strictSame(staleParts({}), []);
  t.strictSame(staleParts({ health: fresh, board: fresh, link: fresh }), []);
  t.strictSame(staleParts({ health: { ...fresh, sinceWork: (owed["health"] ?? 0) + 1 }, board: fresh }), ["health"]);
  t.strictSame(staleParts({ camera: { sinceWork: seconds(9999), state: "gone" } }), [], "a lost camera is no reason");
  t.equal(statusOf({ health: { ...fresh, sinceWork: seconds(9999) } }), "no work from: health");
  t.equal(statusOf({ health: fresh, camera: { ...fresh, state: "gone" } }), "camera gone");
  t.equal(statusOf({ health: fresh }), "all parts work");
});

/** The receiving end of systemd: prints each datagram as a line of JSON. */
const receiver = `
import json, socket, sys
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.bind(sys.argv[1])
print(json.dumps("bound"), flush=True)
while True:
    data, fds, _, _ = socket.recv_fds(end, 65536, 4)
    for fd in fds: socket.close(fd)
    print(json.dumps(data.decode()), flush=True)
`;

t.test("tells systemd that it is ready, feeds it while its loops work, and says which one does not", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "candor-notify-"));
  const socket = join(folder, "notify.sock");
  const systemd = spawn("python3", ["-c", receiver, socket], { stdio: ["ignore", "pipe", "inherit"] });
  const told: string[] = [];
  createInterface({ input: systemd.stdout }).on("line", (line) => told.push(JSON.parse(line) as string));
  t.ok(await eventually(() => told.includes("bound"), seconds(20)));
  // The program that sends is told where by its own environment, as systemd would have told the agent.
  const before = process.env["NOTIFY_SOCKET"];
  process.env["NOTIFY_SOCKET"] = socket;
  let passed = 0;
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + passed };
  const health = new Health({ clock, log: silentLog() });
  health.stamp("health");
  const environment = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "600000" };
  const watchdog = new Watchdog({ clock, health, environment });
  const fed = (): number => told.filter((words) => words.includes("WATCHDOG=1")).length;
  await watchdog.start();
  t.ok(await eventually(() => told.some((words) => words.includes("READY=1"))));
  t.ok(await eventually(() => fed() >= 2), "again and again");

  passed += seconds(40);
  t.ok(await eventually(() => told.some((words) => words.includes("STATUS=no work from: health"))));
  const hungry = fed();
  await systemClock.sleep(700);
  t.equal(fed(), hungry, "not fed while a loop stands still");
  health.stamp("health");
  t.ok(await eventually(() => fed() > hungry), "fed again when it works");
  await watchdog.stop();
  t.ok(await eventually(() => told.some((words) => words.includes("STOPPING=1"))));
  if (before === undefined) delete process.env["NOTIFY_SOCKET"];
  else process.env["NOTIFY_SOCKET"] = before;
  systemd.kill();
  await rm(folder, { recursive: true });
});

t.test("does nothing where systemd did not start it", async (t) => {
  const health = new Health({ clock: systemClock, log: silentLog() });
  const watchdog = new Watchdog({ clock: systemClock, health, environment: {} });
  await watchdog.start();
  await watchdog.stop();
  t.strictSame(health.document({}, { software: "0", clock: "unknown", board: {} }).faults, {});
});
