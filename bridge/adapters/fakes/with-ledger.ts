import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HttpOpposite, Opposite } from "../conformance.ts";
import { asOpposite, type FakeServer } from "./server.ts";

/** The fake as a peer of an adapter that keeps a ledger, with a file for it. */
export async function withLedger(
  fake: FakeServer,
  restFor: (ledger: string) => Pick<Opposite, "options" | "effects" | "overload">,
): Promise<HttpOpposite> {
  const folder = await mkdtemp(join(tmpdir(), "candor-ledger-"));
  return {
    ...asOpposite(fake, restFor(join(folder, "sent.jsonl"))),
    stop: async () => {
      await fake.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
