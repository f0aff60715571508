import { birth } from "../../../contracts/envelope.ts";
import { parse } from "../../../runtime/parse.ts";
import { publicHalf } from "../../../runtime/seal.ts";
import { issueWaiting } from "../issue.ts";
import { branchOfDevice, type Handler } from "./handler.ts";

/** A device came up: from now on orders are sealed to the key it says; what waited for it goes. */
export const onBirth: Handler = async (event, use) => {
  const { encryptionKey, software, board } = parse(birth, event.payload, { what: "the birth" });
  const { tenantId, deviceId, receivedAt } = event;
  const branch = await branchOfDevice(use.store, event);
  const news = { encryptionKey: JSON.stringify(publicHalf(encryptionKey)), software, board, bornAt: receivedAt };
  return {
    branch,
    apply: async (within) => {
      await within
        .insertInto("devices")
        .values({ tenantId, branch, deviceId, ...news })
        .onConflict((conflict) =>
          // An older birth that comes late changes nothing.
          conflict.columns(["tenantId", "deviceId"]).doUpdateSet(news).where("devices.bornAt", "<=", receivedAt),
        )
        .execute();
    },
    after: async () => {
      await issueWaiting({ tenantId, deviceId }, use);
    },
  };
};
