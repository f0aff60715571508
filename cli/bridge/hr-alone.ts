import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Caller } from "../../bridge/hr/access.ts";
import { Intake } from "../../bridge/hr/intake.ts";
import type { IssueOptions } from "../../bridge/hr/issue.ts";
import { openHrStore } from "../../bridge/hr/store.ts";
import { createCentreKeys, type HrKeys, readHrKeys } from "../../bridge/keys.ts";
import { createMetrics, type Metrics } from "../../bridge/metrics.ts";
import { createWrap } from "../../bridge/outgoing.ts";
import { groupWrites } from "../../bridge/store.ts";
import type { Identity } from "../../contracts/identity.ts";
import type { EpochMillis } from "../../contracts/units.ts";
import { createAuthority } from "../../provisioning/authority.ts";
import { enrolDevice } from "../../provisioning/enrol.ts";
import { type Clock, systemClock } from "../../runtime/clock.ts";
import { type Log, silentLog } from "../../runtime/log.ts";

/** hr in this process, with its real keys and store and one device, on a day that the test chooses. */
export type HrAlone = {
  issue: IssueOptions;
  intake: Intake;
  keys: HrKeys;
  metrics: Metrics;
  log: Log;
  device: Identity;
  caller: Caller;
  goTo: (wall: EpochMillis) => void;
  stop: () => Promise<void>;
};

let newAddress = async (): Promise<string | null> => null;

/** From now on each hr of this process opens on a new, empty database whose address `make` hands back, not on a file. */
export function openHrOn(make: () => Promise<string>): void {
  newAddress = make;
}

export async function openHrAlone(wall: EpochMillis): Promise<HrAlone> {
  let now = wall;
  const clock: Clock = { ...systemClock, wall: () => now };
  const folder = await mkdtemp(join(tmpdir(), "candor-hr-"));
  const directory = join(folder, "centre");
  const authority = await createAuthority(join(directory, "authority"), clock);
  const own = { hosts: ["localhost"] };
  const [relayTls, hrTls] = await Promise.all([
    authority.issueServerCertificate({ ...own, name: "relay" }),
    authority.issueServerCertificate({ ...own, name: "hr" }),
  ]);
  const { certificatePem: authorityPem } = authority;
  const { centre } = await createCentreKeys({ directory, authorityPem, relayTls, hrTls, clock });
  const named = { tenantId: "acme", deviceId: "dev-1" };
  const device = await enrolDevice({ ...named, authority, centre, directory: join(folder, "device") });
  const keys = await readHrKeys(directory);
  const store = await openHrStore(directory, keys, await newAddress());
  const issue: IssueOptions = { store, write: groupWrites(store), keys, wrap: createWrap(clock), clock };
  const [metrics, log] = [createMetrics(), silentLog()];
  return {
    ...{ issue, keys, metrics, log, device },
    intake: new Intake({ ...issue, metrics, log, wake: () => undefined }),
    caller: { tenantId: "acme", branch: "/", scopes: ["orders:write", "orders:read"] },
    goTo: (to) => {
      now = to;
    },
    stop: async () => {
      await store.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
