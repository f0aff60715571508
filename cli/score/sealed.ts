import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type OpenKeys, readJournal } from "../../agent/journal.ts";
import { fold } from "../../agent/session/decide.ts";
import type { Session } from "../../agent/session/state.ts";
import type { Segment } from "../../contracts/capture.ts";
import { Fault } from "../../contracts/fault.ts";
import { type PrivateKey, privateKey } from "../../contracts/identity.ts";
import { type SessionEvent, sessionKeys } from "../../contracts/journal.ts";
import { type Scorecard, scorecard } from "../../contracts/scorecard.ts";
import { contentHash, sha256 } from "../../runtime/canonical.ts";
import { parse, parseJson } from "../../runtime/parse.ts";
import { fromBase64url, unseal } from "../../runtime/seal.ts";

/** A recording as a device keeps it, opened: what was asked and said when, and the key to the sound. */
export type OpenedRecording = {
  card: Scorecard;
  session: Session;
  events: SessionEvent[];
  /** Opens the media. */
  content: Buffer;
  /** Where the sealed segments lie. */
  media: string;
  /** The score's canonical bytes as the device's journal holds them; undefined where it was never scored. */
  canonical: string | undefined;
  /** Segments that are not there, or not as the journal says they were sealed. */
  damaged: { file: string; fault: "file.missing" | "seal.unreadable" }[];
};

export type RecordingFiles = { folder: string; keyFile: string; scorecardFile: string };

async function readText(file: string, remedy: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const code = error.code === "ENOENT" ? "file.missing" : "file.unreadable";
    throw new Fault(code, `${file} ${code === "file.missing" ? "is not there" : "cannot be read"}: ${remedy}`, {
      cause: error,
    });
  });
}

/** A private key as JWK (recovery.json), or HR's own file of keys, which holds one. */
const keyHolder = z.union([privateKey, z.looseObject({ encryption: privateKey })]);

async function readKey(file: string): Promise<PrivateKey> {
  const text = await readText(file, "give HR's keys.json or the recovery key with --key");
  const found = parseJson(keyHolder, text, { what: file, otherwise: "file.unreadable" });
  return "d" in found && typeof found.d === "string"
    ? privateKey.parse(found)
    : (found as { encryption: PrivateKey }).encryption;
}

/** As the device signed it, or within what HR's API says of it. */
async function readScorecard(file: string): Promise<Scorecard> {
  const text = await readText(file, "put the scorecard beside the recording, or name it with --scorecard");
  const content = parseJson(z.looseObject({}), text, { what: file });
  return parse(scorecard, content["scorecard"] ?? content, { what: file });
}

/** @throws Fault seal.unreadable for another key, key.destroyed where consent was taken back */
async function openKeys(card: Scorecard, key: PrivateKey): Promise<OpenKeys & { content: Buffer }> {
  const found = parseJson(sessionKeys, await unseal(card.wrappedKey, key), { what: "the keys of the session" });
  if (found.content === undefined)
    throw new Fault(
      "key.destroyed",
      "consent to this recording was refused or taken back: its key is destroyed, and it stays closed",
    );
  return { journal: fromBase64url(found.journal), content: fromBase64url(found.content) };
}

/** The folder's own media, or the folder itself where the segments lie in it. */
async function mediaOf(folder: string, segments: readonly Segment[]): Promise<string> {
  const [first] = segments;
  const within = join(folder, "media");
  if (first === undefined) return within;
  const bare = await readFile(join(folder, first.file)).then(
    () => true,
    () => false,
  );
  return bare ? folder : within;
}

async function damagedOf(media: string, segments: readonly Segment[]): Promise<OpenedRecording["damaged"]> {
  const damaged: OpenedRecording["damaged"] = [];
  for (const { file, sha256: wanted } of segments) {
    const bytes = await readFile(join(media, file)).catch(() => undefined);
    if (bytes === undefined) damaged.push({ file, fault: "file.missing" });
    else if (sha256(bytes) !== wanted) damaged.push({ file, fault: "seal.unreadable" });
  }
  return damaged;
}

/**
 * Opens a recording with HR's or the recovery key, and checks what can be checked: the journal's chain, the rubric's hash,
 * each segment's hash.
 * @throws Fault file.missing, file.unreadable, message.malformed, seal.unreadable, key.destroyed, journal.broken
 */
export async function openRecording({ folder, keyFile, scorecardFile }: RecordingFiles): Promise<OpenedRecording> {
  const [card, key] = [await readScorecard(scorecardFile), await readKey(keyFile)];
  const keys = await openKeys(card, key);
  const events = readJournal(card.journal.lines, { sessionId: card.sessionId, keys });
  if (sha256(card.journal.lines.at(-1) ?? "") !== card.journal.head)
    throw new Fault("journal.broken", "the journal's head is not the hash of its last line: the scorecard was changed");
  const session = fold(events);
  if (contentHash(session.order.rubric) !== session.order.rubricHash)
    throw new Fault("journal.broken", "the rubric in the journal does not have the hash that the order names");
  const sound = session.segments.filter((one) => one.stream === "mic");
  const media = await mediaOf(folder, sound);
  const scored = events.findLast((one) => one.type === "scored");
  return {
    card,
    session,
    events,
    content: keys.content,
    media,
    canonical: scored?.type === "scored" ? scored.content?.canonical : undefined,
    damaged: await damagedOf(media, sound),
  };
}
