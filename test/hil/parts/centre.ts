import { type Received, removeStack, type Stack, startStack } from "../../../cli/demo/stack.ts";
import { minutes, seconds } from "../../../contracts/units.ts";
import { systemClock as clock } from "../../../runtime/clock.ts";
import { type Centre, openCentre } from "../../device/centre.ts";
import { eventually } from "../../device/waiting.ts";
import { HostRecogniser } from "./recogniser.ts";

/** What runs on the host: broker, relay, hr and HR's receiver, as the device tests run them, and inference; the device is in the machine. */
export type HostCentre = {
  stack: Stack;
  centre: Centre;
  results: Received[];
  recogniser: HostRecogniser;
  deliveredOnce(): Promise<void>;
  close(): Promise<void>;
};

export async function openHostCentre(): Promise<HostCentre> {
  const results: Received[] = [];
  const stack = await startStack({ without: ["emulator", "agent"], onResult: (result) => results.push(result) });
  const token = await stack.createToken(["orders:write", "orders:read", "scorecards:read", "audit:read", "operate"]);
  const centre = await openCentre({ bridge: stack.layout.centre, url: () => stack.api.url, token });
  const deliveredOnce = async (): Promise<void> => {
    await eventually({ what: "the result at HR's receiver", limit: minutes(1) }, () => results.length > 0);
    // A second one would follow the first at once.
    await clock.sleep(seconds(3));
    if (results.length !== 1) throw new Error(`HR's receiver got ${results.length} results`);
  };
  const stop = async (): Promise<void> => {
    await stack.stopAll();
    await removeStack(stack);
  };
  const recogniser = await HostRecogniser.open().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const close = async (): Promise<void> => {
    await recogniser.close();
    await stop();
  };
  return { stack, centre, results, recogniser, deliveredOnce, close };
}
