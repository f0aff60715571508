import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { type Receiver, startReceiver } from "../../bridge/adapters/receiver.ts";
import { runCandor } from "../../cli/demo/plans.ts";
import { minutes, seconds } from "../../contracts/units.ts";
import { systemClock, timestamp } from "../../runtime/clock.ts";
import { showCode } from "./interview.ts";
import { orderFor } from "./order.ts";
import { openSystem } from "./system.ts";
import { eventually } from "./waiting.ts";

t.setTimeout(seconds(280));
const system = await openSystem();
const secret = "a secret of those who are told";
const told = await startReceiver({ secret });
t.teardown(async () => {
  await system.close();
  await told.stop();
});
const { centre, stack } = system;
const { deviceId, tenantId } = stack;
const directory = ["--directory", stack.layout.centre, "--tenant", tenantId];
const kinds = ["status", "start", "help"].flatMap((kind) => ["--wants", kind]);
await runCandor(
  ["bridge", "target", "set", ...directory, "--name", "people", ...kinds, "--settings", "-", "--json"],
  JSON.stringify({ url: told.url, secret }),
);
const tokenFile = join(system.scratch, "token");
await writeFile(tokenFile, await stack.createToken(["orders:write"]));
const authority = join(stack.layout.centre, "authority", "authority.pem");

type Told = { status?: string; requestId?: string };
const dataOf = ({ event }: Receiver["received"][number]): Told => event["data"] as Told;
const statuses = (): (string | undefined)[] =>
  told.received.filter(({ key }) => key.includes("/status/")).map((one) => dataOf(one).status);

/** The order's revision is on the device. */
const onDevice = (orderId: string, revision: number) =>
  eventually({ what: `revision ${revision} on the device`, limit: seconds(30) }, async () => {
    const { body } = await centre.ask<{ revision: number; state: string }>("GET", `/v1/orders/${orderId}`);
    return body.revision === revision && body.state === "delivered";
  });

t.test(
  "an uploaded order is booked, moved and opened by the code of its last slot; help reaches a person",
  async (t) => {
    const { rubric, policy } = orderFor({ deviceId });
    const vacancy = { role: { title: "Backend engineer" }, language: "en", rubric, policy, deviceId };
    t.equal((await centre.ask("PUT", "/v1/vacancies/backend", { body: vacancy })).status, 200);
    const file = join(system.scratch, "orders.csv");
    await writeFile(file, "application,name,vacancy\nA-1,Test Person,backend\n");
    const where = ["--url", stack.api.url, "--authority", authority, "--token-file", tokenFile];
    const uploaded = await runCandor(["orders", "upload", file, ...where, "--json"]);
    const orderId = (JSON.parse(uploaded.toString()) as { orders: { orderId: string }[] }).orders[0]?.orderId ?? "";
    await onDevice(orderId, 1);

    const hours = {
      ...{ timeZone: "Etc/UTC", slotMinutes: 15, earlyMinutes: 60 },
      weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", to: "24:00" }],
    };
    t.equal((await centre.ask("PUT", `/v1/devices/${deviceId}/hours`, { body: hours })).status, 200);
    const until = timestamp(systemClock.wall() + minutes(55));
    const { body } = await centre.ask<{ slots: { startsAt: string }[] }>(
      "GET",
      `/v1/devices/${deviceId}/slots?until=${until}`,
    );
    // Not the very next one, which may begin meanwhile.
    const [, first, second] = body.slots;
    t.equal(
      (await centre.ask("PUT", `/v1/orders/${orderId}/booking`, { body: { startsAt: first?.startsAt } })).status,
      201,
    );
    await onDevice(orderId, 2);
    await system.page.until("the waiting page", (shown) => shown.show === "waiting");
    const old = await centre.ask("GET", `/v1/orders/${orderId}/check-in?format=png`);
    t.equal(
      (await centre.ask("PUT", `/v1/orders/${orderId}/booking`, { body: { startsAt: second?.startsAt } })).status,
      200,
    );
    await onDevice(orderId, 3);
    const oldCode = join(system.scratch, "old-code.png");
    await writeFile(oldCode, old.raw);
    await system.emulator.show(oldCode);
    await system.page.until("the code of the first slot to be refused", (shown) => shown.show === "codeRefused");
    t.equal(system.page.shown?.fault, "order.stale");
    await system.emulator.show("empty");
    await system.press("start");
    await system.page.until("the waiting page", (shown) => shown.show === "waiting");
    await showCode(system, orderId);
    await system.page.until("the notice after check-in", (shown) => shown.show === "notice", seconds(20));
    await system.emulator.show("face");

    const pressed = systemClock.monotonic();
    await system.press("help");
    await eventually({ what: "an alert", limit: seconds(30), pause: 20 }, () =>
      told.received.some(({ key }) => key.endsWith("/help/1")),
    );
    t.comment(`press to alert: ${Math.round(systemClock.monotonic() - pressed)} ms`);
    const alert = told.received.find(({ key }) => key.endsWith("/help/1"));
    const requestId = alert === undefined ? "" : dataOf(alert).requestId;
    await stack.kill("hr");
    await stack.start("hr");
    const open = await centre.ask<{ help: { requestId: string }[] }>("GET", "/v1/help?state=open");
    t.match(open.body.help, [{ requestId, deviceId, orderId }], "it is still open after hr was killed");
    const taken = await centre.ask("POST", `/v1/help/${requestId}/take`, { body: { by: "p-1" } });
    t.match(taken.body, { state: "taken", takenBy: "p-1" });

    await system.page.act({ do: "withdraw" });
    await eventually({ what: "the end at HR", limit: seconds(40) }, () => statuses().includes("refused"));
    t.strictSame(statuses(), ["booked", "running", "refused"]);
    t.equal(told.received.filter(({ key }) => key.includes("/start/")).length, 1, "the start is told once");
    t.notMatch(JSON.stringify(told.received), "Test Person");
  },
);
