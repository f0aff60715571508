import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { opaqueId, tenantId as tenantIdOf } from "../../contracts/ids.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";
import { noticeKind } from "../adapters/adapter.ts";
import { adapterNamed } from "../adapters/registry.ts";
import { branchPath } from "./access.ts";
import { relayTarget } from "./outbox.ts";
import type { HrStore } from "./store.ts";

const newTarget = z.strictObject({
  tenantId: tenantIdOf,
  /** Results of this branch and those below it. */
  branch: branchPath.default("/"),
  name: opaqueId,
  adapter: z.string(),
  settings: z.unknown(),
  /** Results where nothing is said and the adapter takes them, else all that it takes. */
  wants: z.array(noticeKind).min(1).optional(),
  /** Who is alerted first when help is called: the lowest. */
  contactRank: z.int().min(0).default(0),
});

/** Says where a tenant's results go; replaces a target of the same name. @throws Fault use.invalid, config.invalid */
export async function setTarget(store: HrStore, wanted: z.input<typeof newTarget>, clock: Clock): Promise<void> {
  const {
    settings,
    wants: asked,
    ...target
  } = parse(newTarget, wanted, { what: "the target", otherwise: "use.invalid" });
  if (target.name === relayTarget)
    throw new Fault("use.invalid", `${relayTarget} is the centre's own: choose another name`);
  const takes = adapterNamed(target.adapter).takes ?? ["result"];
  const wants = asked ?? (takes.includes("result") ? ["result"] : takes);
  const untaken = wants.find((kind) => !takes.includes(kind));
  if (untaken !== undefined)
    throw new Fault(
      "use.invalid",
      `${target.adapter} takes ${takes.join(", ")}, no ${untaken}: choose another adapter`,
      {
        field: "wants",
      },
    );
  const options = parse(adapterNamed(target.adapter).options, settings, {
    what: "the target's settings",
    otherwise: "config.invalid",
  });
  const row = { ...target, settings: JSON.stringify(options), wants: JSON.stringify(wants), createdAt: clock.wall() };
  await store
    .insertInto("targets")
    .values(row)
    .onConflict((conflict) => conflict.columns(["tenantId", "name"]).doUpdateSet(row))
    .execute();
}
