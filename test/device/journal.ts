import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { privateKey, type PrivateKey } from "../../contracts/identity.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { fromBase64url, openBytes, unseal } from "../../runtime/seal.ts";

/** The keys of a session as a recipient unwraps them: `journal` opens its journal, `content` its media and results. */
export type SessionKeys = { journal: Buffer; content: Buffer | undefined };
/** One event of a journal, opened. */
export type OpenedEvent = { seq: number; type: string } & Record<string, unknown>;

/** The recovery key that `candor bridge init` laid aside. */
export async function recoveryKey(bridge: string): Promise<PrivateKey> {
  return privateKey.parse(JSON.parse(await readFile(join(bridge, "recovery", "recovery.json"), "utf8")));
}

export async function unwrapKeys(card: Scorecard, key: PrivateKey): Promise<SessionKeys> {
  const text = await unseal(card.wrappedKey, key);
  const { journal, content } = JSON.parse(text) as { journal: string; content?: string };
  return { journal: fromBase64url(journal), content: content === undefined ? undefined : fromBase64url(content) };
}

/**
 * Recomputes the hash chain of a scorecard's journal from its lines alone (the first `prev` is 64 zeros, the hash of a
 * line is sha256 of its text) and opens every box. Throws naming the line that does not fit.
 */
export function openJournal(card: Scorecard, keys: SessionKeys): OpenedEvent[] {
  let before = "0".repeat(64);
  const events = card.journal.lines.map((line, at) => {
    const { seq, prev, box } = JSON.parse(line) as { seq: number; prev: string; box: string };
    if (prev !== before) throw new Error(`line ${at + 1} of the journal does not follow the line before it`);
    before = sha256(line);
    const bytes = openBytes(keys.journal, fromBase64url(box), `${card.sessionId}/journal/${seq}/${prev}`);
    return { ...(JSON.parse(bytes.toString("utf8")) as Record<string, unknown>), seq } as OpenedEvent;
  });
  if (before !== card.journal.head) throw new Error("the journal's head is not the hash of its last line");
  if (events.some((one, at) => one.seq !== (events[0]?.seq ?? 0) + at)) throw new Error("the journal's numbers do not count up by one");
  return events;
}
