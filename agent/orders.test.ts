import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { days } from "../contracts/units.ts";
import { writeDurably } from "../runtime/durable.ts";
import { newPrivateKey } from "../runtime/seal.ts";
import { makeRig, now, orderFor, orderMessage, type Rig } from "../test/rigs/agent.ts";
import { Orders } from "./orders.ts";

const open = async ({ stateDirectory, identity }: Rig): Promise<Orders> => {
  const orders = new Orders({ stateDirectory, identity, onTime: async () => undefined });
  await orders.start((error) => t.fail(String(error)));
  return orders;
};
const kept = async (rig: Rig, orderId: string): Promise<object> =>
  JSON.parse(await readFile(join(rig.stateDirectory, "orders", `${orderId}.json`), "utf8")) as object;

t.test(
  "opens a waiting order again that the centre has sealed anew to a new key under the same revision",
  async (t) => {
    const rig = await makeRig();
    await (await open(rig)).receive(await orderMessage(rig, orderFor(rig)));
    const renewed: Rig = { ...rig, identity: { ...rig.identity, encryption: await newPrivateKey() } };
    const orders = await open(renewed);
    await t.rejects(orders.read("order-1"), { code: "seal.unreadable" });
    const { acknowledgement } = await orders.receive(await orderMessage(renewed, orderFor(rig)));
    t.match(acknowledgement, { accepted: true });
    t.equal((await orders.read("order-1")).candidate.name, "Marker Person");
    t.equal((await (await open(renewed)).read("order-1")).revision, 1, "also after a restart");
    await orders.receive(await orderMessage(rig, orderFor(rig)));
    t.equal((await orders.read("order-1")).revision, 1, "what only the old key could open does not come back");
  },
);

t.test("does not seal an order anew whose interview has begun or is over", async (t) => {
  const rig = await makeRig();
  const orders = await open(rig);
  await orders.receive(await orderMessage(rig, orderFor(rig)));
  await orders.mark("order-1", "inInterview");
  const { token } = orders.record("order-1");
  await orders.receive(await orderMessage(rig, orderFor(rig)));
  t.equal(orders.record("order-1").token, token);
  await orders.mark("order-1", "done");
  await orders.receive(await orderMessage(rig, orderFor(rig)));
  t.equal("token" in (await kept(rig, "order-1")), false);
});

t.test("erases an order a day after its expiry, and takes the same one in no more", async (t) => {
  const rig = await makeRig();
  const orders = await open(rig);
  const message = await orderMessage(rig, orderFor(rig));
  await orders.receive(message);
  await orders.expire(undefined, (error) => t.fail(String(error)));
  await orders.expire(now + days(8), (error) => t.fail(String(error)));
  t.equal((await orders.read("order-1")).orderId, "order-1", "also where no clock can be believed");
  await orders.expire(now + days(8) + 1, (error) => t.fail(String(error)));
  t.strictSame(Object.keys(await kept(rig, "order-1")).sort(), [
    "expiresAt",
    "orderId",
    "revision",
    "state",
    "version",
  ]);
  t.match((await orders.receive(message)).acknowledgement, { accepted: true }, "it is settled");
  await orders.receive(await orderMessage(rig, orderFor(rig)));
  for (const one of [orders, await open(rig)]) await t.rejects(one.read("order-1"), { code: "order.expired" });

  const later = new Date(now + days(30)).toISOString();
  await orders.receive(await orderMessage(rig, orderFor(rig, { revision: 2, expiresAt: later })));
  t.equal((await orders.read("order-1")).revision, 2, "a new revision is a new appointment");
});

t.test("reports an order whose expiry cannot be known, and erases the others all the same", async (t) => {
  const rig = await makeRig();
  const first = await open(rig);
  for (const orderId of ["a", "b"]) await first.receive(await orderMessage(rig, orderFor(rig, { orderId })));
  const { expiresAt: _, ...older } = first.record("a");
  await writeDurably(join(rig.stateDirectory, "orders", "a.json"), JSON.stringify(older));
  const orders = await open({ ...rig, identity: { ...rig.identity, encryption: await newPrivateKey() } });
  const faults: unknown[] = [];
  await orders.expire(now + days(9), (error) => faults.push(error));
  t.match(faults, [{ code: "seal.unreadable" }]);
  t.equal("token" in (await kept(rig, "b")), false, "also where its seal can no longer be opened");
});
