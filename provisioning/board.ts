import { join } from "node:path";
import { type BoardProfile, boardProfile } from "../contracts/profile.ts";
import { readIfThere } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";

/** Where the kernel says what machine this is, below `root`. Strings of a device tree end in NUL. */
const places = {
  compatible: "proc/device-tree/compatible",
  vendor: "sys/class/dmi/id/sys_vendor",
  product: "sys/class/dmi/id/product_name",
} as const;

/** What this machine says of itself, for `boards/recognise.ts`. `root`: another root folder, for tests. */
export async function readBoardFacts(
  root = "/",
): Promise<{ compatible?: string[]; dmi?: { vendor: string; product: string } }> {
  const read = (place: keyof typeof places): Promise<string | undefined> => readIfThere(join(root, places[place]));
  const [compatible, vendor, product] = await Promise.all([read("compatible"), read("vendor"), read("product")]);
  const entries = compatible?.split("\0").filter((entry) => entry !== "");
  const dmi = vendor === undefined && product === undefined ? undefined : { vendor, product };
  return {
    ...(entries === undefined ? {} : { compatible: entries }),
    ...(dmi === undefined
      ? {}
      : { dmi: { vendor: dmi.vendor?.trim() ?? "unknown", product: dmi.product?.trim() ?? "unknown" } }),
  };
}

export const boardProfileFile = "board-profile.json";
export const profilePath = (folder: string): string => join(folder, boardProfileFile);

/** What `candor board bench` wrote. @throws Fault config.invalid: a bad file is never taken for none */
export async function readBoardProfile(folder: string): Promise<BoardProfile | undefined> {
  const path = profilePath(folder);
  const text = await readIfThere(path);
  return text === undefined ? undefined : parseJson(boardProfile, text, { what: path, otherwise: "config.invalid" });
}
