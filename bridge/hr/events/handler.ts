import type { EpochMillis } from "../../../contracts/units.ts";
import type { DeviceEvent } from "../../origin.ts";
import type { IssueOptions } from "../issue.ts";
import type { HrStore, Within } from "../store.ts";

/** An event whose signature holds. `receivedAt` is relay's stamp: the centre's time, not the device's. */
export type Incoming = DeviceEvent & { receivedAt: EpochMillis };

/** What an event does: `apply` within the transaction that notes it as accepted, `after` once that is on the disk. */
export type Decision = { branch: string; apply: (within: Within) => Promise<void>; after?: () => Promise<void> };

/**
 * Reads and checks one kind of event; writes nothing itself. A fault thrown means that it could not be read: the event is
 * parked.
 */
export type Handler = (event: Incoming, use: IssueOptions) => Promise<Decision>;

/** The branch of a device, or the root where it has not come up yet. */
export async function branchOfDevice(
  store: HrStore,
  { tenantId, deviceId }: { tenantId: string; deviceId: string },
): Promise<string> {
  const row = await store
    .selectFrom("devices")
    .select("branch")
    .where("tenantId", "=", tenantId)
    .where("deviceId", "=", deviceId)
    .executeTakeFirst();
  return row?.branch ?? "/";
}
