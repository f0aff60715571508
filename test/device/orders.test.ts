import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { FaultCode } from "../../contracts/fault.ts";
import { minutes, seconds } from "../../contracts/units.ts";
import { systemClock, timestamp } from "../../runtime/clock.ts";
import type { Refusal } from "./centre.ts";
import { placeOrder } from "./interview.ts";
import { orderFor } from "./order.ts";
import { openSystem } from "./system.ts";
import { eventually } from "./waiting.ts";

t.setTimeout(seconds(280));
const system = await openSystem();
t.teardown(() => system.close());
const { centre } = system;

/** The picture of a fresh code of an order. */
async function codeOf(orderId: string): Promise<string> {
  const answer = await centre.ask("GET", `/v1/orders/${orderId}/check-in?format=png`);
  const file = join(system.scratch, `code-${system.codes++}.png`);
  await writeFile(file, answer.raw);
  return file;
}

async function refusedAs(code: FaultCode, picture: string): Promise<void> {
  await system.emulator.show(picture);
  await system.page.until(
    `the code to be refused as ${code}`,
    (one) => one.show === "codeRefused" && one.fault === code,
  );
  await system.emulator.show("empty");
  await system.press("start");
  await system.page.until("the waiting page", (one) => one.show === "waiting");
}

t.test(
  "the same order again is the same, a changed one of the same revision is refused, a higher one supersedes",
  async (t) => {
    const { orderId, order } = await placeOrder(system, { orderId: "revised" });
    const old = await codeOf(orderId);
    const again = await centre.ask("POST", "/v1/orders", { body: order });
    t.equal(again.status, 200);
    const changed = await centre.ask<Refusal>("POST", "/v1/orders", { body: { ...order, language: "zh-CN" } });
    t.equal(changed.body.code, "order.stale");
    t.equal(
      (await centre.ask("POST", "/v1/orders", { body: { ...order, revision: 2, language: "zh-CN" } })).status,
      201,
    );
    await eventually({ what: "revision 2 on the device" }, async () => {
      const { body } = await centre.ask<{ revision: number; state: string }>("GET", `/v1/orders/${orderId}`);
      return body.revision === 2 && body.state === "delivered";
    });
    await refusedAs("order.stale", old);
    await system.emulator.show(await codeOf(orderId));
    const notice = await system.page.until("the notice of revision 2", (one) => one.show === "notice");
    t.equal(notice.language, "zh-CN", "the interview is that of the higher revision");
    await system.emulator.show("empty");
    await system.page.act({ do: "withdraw" });
    await system.page.until("the farewell", (one) => one.show === "withdrawn");
    await system.press("start");
    await system.page.until("the waiting page", (one) => one.show === "waiting");
  },
);

t.test("a cancelled order opens nothing, neither at the centre nor on the device", async (t) => {
  const { orderId } = await placeOrder(system);
  const code = await codeOf(orderId);
  const { status, body } = await centre.ask<{ state: string }>("POST", `/v1/orders/${orderId}/cancel`);
  t.equal(status, 200);
  t.equal(body.state, "cancelled");
  const refused = await centre.ask<Refusal>("GET", `/v1/orders/${orderId}/check-in`);
  t.equal(refused.body.code, "order.cancelled");
  await systemClock.sleep(seconds(2));
  await refusedAs("order.cancelled", code);
});

t.test("an order is not open before its time, and is over after it", async (t) => {
  const early = await placeOrder(system, { notBefore: timestamp(systemClock.wall() + minutes(30)) });
  await refusedAs("qr.early", await codeOf(early.orderId));
  const short = await placeOrder(system, { expiresAt: timestamp(systemClock.wall() + seconds(12)) });
  const code = await codeOf(short.orderId);
  await centre.untilState(short.orderId, "expired", 30);
  await refusedAs("qr.expired", code);
  const refused = await centre.ask<Refusal>("GET", `/v1/orders/${short.orderId}/check-in`);
  t.equal(refused.body.code, "order.expired");
});

t.test("an order for a device that was never seen waits, and is not lost", async (t) => {
  const orderId = await centre.place(orderFor({ deviceId: "not-yet-there" }));
  const { body } = await centre.ask<{ state: string }>("GET", `/v1/orders/${orderId}`);
  t.equal(body.state, "waiting");
});
