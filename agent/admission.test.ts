import { join } from "node:path";
import t from "tap";
import { z } from "zod";
import { readIfThere } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";
import { Page } from "../test/device/page.ts";
import { eventually } from "../test/device/waiting.ts";
import { openSolo } from "../test/rigs/solo.ts";

const told = z.looseObject({
  parts: z.record(z.string(), z.looseObject({ state: z.string(), fault: z.string().optional() })),
  board: z.looseObject({ temperatureCelsius: z.number().optional(), storageFreeMegabytes: z.number().optional() }),
});

t.test("a hot board refuses whoever comes and says so, also in the health document", async (t) => {
  const rig = await openSolo();
  t.teardown(rig.close);
  await rig.hand.sense({ temperatureCelsius: 91 });
  const agent = await rig.agent();
  t.teardown(() => agent.stop());
  const health = await eventually({ what: "the board in the health document" }, async () => {
    const text = await readIfThere(join(rig.runDirectory, "health.json"));
    const document = text === undefined ? undefined : parseJson(told, text, { what: "health" });
    return document?.parts["board"] === undefined ? undefined : document;
  });
  t.match(health.parts["board"], { state: "degraded", fault: "board.hot" });
  t.equal(health.board.temperatureCelsius, 91);
  t.ok((health.board.storageFreeMegabytes ?? 0) > 0);
  const page = new Page(rig.runDirectory);
  t.teardown(async () => page.close());
  await page.until("the waiting page", ({ show }) => show === "waiting");
  // No code of ours: a board at ease would say so.
  await rig.showCode("a code");
  const refused = await page.until("the refusal", ({ show }) => show === "codeRefused");
  t.equal(refused.fault, "board.hot");
});
