import { readFile } from "node:fs/promises";
import { centreFiles } from "../../bridge/keys.ts";
import type { PrivateKey } from "../../contracts/identity.ts";
import { privateKey } from "../../contracts/identity.ts";
import {
  contentEvents,
  firstPrevious,
  journalLine,
  type SessionEvent,
  sessionEvent,
  sessionKeys,
} from "../../contracts/journal.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { fromBase64url, openBytes, unseal } from "../../runtime/seal.ts";

/** The keys of a session as a recipient unwraps them; `content` is absent where consent was refused or taken back. */
export type OpenedKeys = { journal: Buffer; content: Buffer | undefined };
/** A journal's lines (of a scorecard, or read from a device's disk) and whose they are. */
export type Lines = { sessionId: string; lines: readonly string[]; head?: string };

/** The recovery key that `candor bridge init` laid aside. */
export async function recoveryKey(bridge: string): Promise<PrivateKey> {
  return privateKey.parse(JSON.parse(await readFile(centreFiles(bridge).recovery, "utf8")));
}

export async function unwrapKeys(wrapped: unknown, key: PrivateKey): Promise<OpenedKeys> {
  const { journal, content } = sessionKeys.parse(JSON.parse(await unseal(wrapped, key)));
  return { journal: fromBase64url(journal), content: content === undefined ? undefined : fromBase64url(content) };
}

/**
 * Recomputes the hash chain from the lines alone (the first `prev` is 64 zeros, the hash of a line is sha256 of its text)
 * and opens every box. Throws naming the line that does not fit.
 */
export function openJournal({ sessionId, lines, head }: Lines, keys: OpenedKeys): SessionEvent[] {
  let before = firstPrevious;
  const events = lines.map((text, at) => {
    const { seq, prev, box } = journalLine.parse(JSON.parse(text));
    if (seq !== at) throw new Error(`line ${at + 1} of the journal carries the number ${seq}`);
    if (prev !== before) throw new Error(`line ${at + 1} of the journal does not follow the line before it`);
    before = sha256(text);
    const event = JSON.parse(
      openBytes(keys.journal, fromBase64url(box), `${sessionId}/journal/${seq}/${prev}`).toString("utf8"),
    ) as { type: string; content?: { sealed?: string } | null };
    const sealed = event.content?.sealed;
    if (!contentEvents.some((type) => type === event.type) || sealed === undefined) return sessionEvent.parse(event);
    const content =
      keys.content === undefined
        ? null
        : JSON.parse(
            openBytes(keys.content, fromBase64url(sealed), `${sessionId}/content/${seq}/${prev}`).toString("utf8"),
          );
    return sessionEvent.parse({ ...event, content });
  });
  if (head !== undefined && before !== head) throw new Error("the journal's head is not the hash of its last line");
  return events;
}

/** The journal that travelled with a scorecard, opened with the recovery key. */
export async function journalOf(
  card: Scorecard,
  bridge: string,
): Promise<{ events: SessionEvent[]; keys: OpenedKeys }> {
  const keys = await unwrapKeys(card.wrappedKey, await recoveryKey(bridge));
  return { events: openJournal({ sessionId: card.sessionId, ...card.journal }, keys), keys };
}
