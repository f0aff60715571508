import { z } from "zod";
import { withOptions, withPicture } from "../../drivers/mount.ts";
import type { Mounts } from "../../drivers/registry.ts";
import { parseJson } from "../../runtime/parse.ts";
import type { Resolved } from "./resolved.ts";

/** What is mounted: the board's data, the picture its profile picked, and the administrator's options over both. */
export function mountsOf({ board, profile }: Resolved, boardOptions: string): Mounts {
  const given = parseJson(z.record(z.string(), z.unknown()), boardOptions, {
    what: "boardOptions",
    otherwise: "config.invalid",
  });
  return withOptions(withPicture(board.mounts, profile.picture), given);
}
