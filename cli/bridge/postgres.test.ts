import { existsSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { hrConfig } from "../../bridge/hr/config.ts";
import { centreFiles } from "../../bridge/keys.ts";
import { benchPassword, startPostgres } from "../../bridge/postgres-bench.ts";
import { variableOf } from "../../runtime/config.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run } from "../../runtime/subprocess.ts";
import { Rig } from "./rig.ts";
import { orderBody } from "./samples.ts";
import { until } from "./until.ts";

t.setTimeout(120_000);
const postgres = await startPostgres();
t.teardown(() => postgres.stop());
// What this process has in its environment, relay, hr and the commands have too.
process.env[variableOf("hr", "store")] = await postgres.create();
process.env[variableOf("relay", "store")] = await postgres.create();
const rig = await Rig.start();
t.teardown(() => rig.stop());

t.test("a centre on PostgreSQL hands an order on and knows it after both processes were killed", async (t) => {
  const token = await rig.token("acme", "orders:write", "orders:read");
  const device = await rig.device(await rig.enrol("acme", "dev-1"));
  const body = orderBody("dev-1", { orderId: "o-1" });
  t.match(await rig.call("POST", "/v1/orders", { token, body }), { status: 201, body: { revision: 1 } });
  await Promise.all([rig.kill("hr"), rig.kill("relay")]);
  await Promise.all([rig.run("relay"), rig.run("hr")]);
  t.match(await rig.call("GET", "/v1/orders/o-1", { token }), { status: 200, body: { orderId: "o-1", revision: 1 } });
  await device.born();
  await until("the order at its device", () => device.orders.length === 1);
  const { hrStore, relayStore } = centreFiles(rig.directory);
  for (const file of [hrStore, relayStore]) t.notOk(existsSync(file), "no file beside it");
  t.notMatch(rig.logs, benchPassword);
});

t.test("the address of a store is shown to nobody, also not when it leads nowhere", async (t) => {
  const candor = join(projectRoot, "cli", "candor.js");
  const explained = (await run(process.execPath, [candor, "config", "--explain"])).toString("utf8");
  t.match(explained, variableOf(hrConfig.process, "store"));
  t.notMatch(explained, benchPassword);
  for (const store of [
    `postgres://u:${benchPassword}@127.0.0.1:1/x`,
    `postgres://u:${benchPassword}@[/x`,
    benchPassword,
  ]) {
    const env = { ...process.env, [variableOf("hr", "store")]: store };
    const words = [candor, "bridge", "hr", "--directory", rig.directory, "--bound"];
    const ended = await run(process.execPath, words, { env }).catch((error: unknown) => error);
    t.type(ended, Error);
    t.notMatch(JSON.stringify([String(ended), ended]), benchPassword);
  }
});
