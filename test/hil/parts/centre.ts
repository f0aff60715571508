import type { Received } from "../../../cli/demo/stack.ts";
import { type Stack, startStack } from "../../../cli/demo/stack.ts";
import { type Centre, openCentre } from "../../device/centre.ts";

/** The centre on the host: broker, relay, hr and HR's receiver, as the device tests run them; the device is in the machine. */
export type HostCentre = { stack: Stack; centre: Centre; results: Received[]; close(): Promise<void> };

export async function openHostCentre(): Promise<HostCentre> {
  const results: Received[] = [];
  const stack = await startStack({ without: ["emulator", "agent"], onResult: (result) => results.push(result) });
  const token = await stack.createToken(["orders:write", "orders:read", "scorecards:read", "audit:read", "operate"]);
  const centre = await openCentre({ bridge: stack.layout.centre, url: () => stack.api.url, token });
  return { stack, centre, results, close: () => stack.stopAll() };
}
