import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../contracts/fault.ts";
import type { Identity } from "../contracts/identity.ts";
import { type KeyFile, keyFile, type SessionEvent, sessionKeys } from "../contracts/journal.ts";
import type { PublicKey } from "../contracts/policy.ts";
import type { EpochMillis } from "../contracts/units.ts";
import { namesIn, readIfThere, removeDurably, writeDurably } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";
import {
  fromBase64url,
  newDataKey,
  openBytes,
  publicHalf,
  seal,
  sealBytes,
  toBase64url,
  unseal,
} from "../runtime/seal.ts";
import { Journal, type OpenKeys } from "./journal.ts";
import { Recordings } from "./recordings.ts";

const sealedTo = async (text: string, recipients: readonly PublicKey[]): Promise<KeyFile["recipients"]> => ({
  ...(await seal(text, recipients)),
});

const plain = (keys: OpenKeys): string =>
  JSON.stringify({
    journal: toBase64url(keys.journal),
    ...(keys.content === undefined ? {} : { content: toBase64url(keys.content) }),
  });

/** The folder of one open session: its keys, its journal, its media. */
export class SessionFolder {
  readonly folder: string;
  readonly sessionId: string;
  readonly #encryption: Identity["encryption"];
  #keys: OpenKeys;
  #file: KeyFile;

  constructor(options: {
    folder: string;
    sessionId: string;
    encryption: Identity["encryption"];
    keys: OpenKeys;
    file: KeyFile;
  }) {
    this.folder = options.folder;
    this.sessionId = options.sessionId;
    this.#encryption = options.encryption;
    this.#keys = options.keys;
    this.#file = options.file;
  }

  get keys(): OpenKeys {
    return this.#keys;
  }

  /** The keys sealed to HR and recovery, as the scorecard carries them. */
  get wrapped(): KeyFile["recipients"] {
    return this.#file.recipients;
  }

  get media(): string {
    return join(this.folder, "media");
  }

  async #write(file: KeyFile): Promise<void> {
    await writeDurably(join(this.folder, "key.json"), JSON.stringify(file));
    this.#file = file;
  }

  /** What stood on the page, sealed like what was heard; undefined where there is nothing. @throws Fault seal.unreadable */
  async readDraft(): Promise<unknown> {
    const { content } = this.#keys;
    const text = content === undefined ? undefined : await readIfThere(this.#draft);
    if (content === undefined || text === undefined) return undefined;
    return JSON.parse(openBytes(content, fromBase64url(text), `${this.sessionId}/draft`).toString("utf8"));
  }

  async writeDraft(draft: object | undefined): Promise<void> {
    const { content } = this.#keys;
    if (draft === undefined || content === undefined) return removeDurably(this.#draft);
    const sealed = sealBytes(content, Buffer.from(JSON.stringify(draft)), `${this.sessionId}/draft`);
    await writeDurably(this.#draft, toBase64url(sealed));
  }

  get #draft(): string {
    return join(this.folder, "draft");
  }

  async openJournal(): Promise<{ journal: Journal; events: SessionEvent[] }> {
    return Journal.open({ path: join(this.folder, "journal.jsonl"), sessionId: this.sessionId, keys: this.#keys });
  }

  /**
   * Destroys the key to what was recorded and heard, as far as the device holds it, and deletes the recording. The key
   * file is replaced, not overwritten in place: flash may hold its old blocks for a while. Whoever brings these and the
   * deleted media back can read them only with the device's, HR's or the recovery key; without one of these, nobody can.
   */
  async destroyContent(recipients: readonly PublicKey[]): Promise<void> {
    if (this.#keys.content !== undefined) {
      const kept: OpenKeys = { journal: this.#keys.journal, content: undefined };
      const text = plain(kept);
      const device = await sealedTo(text, [publicHalf(this.#encryption)]);
      await this.#write({ ...this.#file, recipients: await sealedTo(text, recipients), device });
      this.#keys.content.fill(0);
      this.#keys = kept;
    }
    await removeDurably(this.#draft);
    await removeDurably(this.media);
    await mkdir(this.media, { recursive: true, mode: 0o700 });
  }

  /** The device forgets: only HR and recovery can open the session from now on. */
  async forget(): Promise<void> {
    const { device: _, ...rest } = this.#file;
    await this.#write({ ...rest, version: 1, recipients: this.#file.recipients });
  }
}

/** Sessions that are on this device. Names are opaque ids. */
export class SessionStore {
  readonly #directory: string;
  readonly #finished: string;
  readonly #recordings: Recordings;
  readonly #accepted = new Set<string>();
  readonly #identity: Pick<Identity, "encryption">;

  constructor(stateDirectory: string, identity: Pick<Identity, "encryption">) {
    this.#directory = join(stateDirectory, "sessions");
    this.#finished = join(stateDirectory, "finished");
    this.#recordings = new Recordings(stateDirectory);
    this.#identity = identity;
  }

  /** Reads which sessions HR has accepted. */
  async start(): Promise<void> {
    for (const name of await namesIn(this.#finished))
      if (!name.startsWith(".")) this.#accepted.add(name.replace(/\.json$/, ""));
  }

  isAccepted(sessionId: string): boolean {
    return this.#accepted.has(sessionId);
  }

  /** HR has the scorecard: what is left of the session is this mark, so that nothing of it is sent twice. */
  async markAccepted(sessionId: string, eventId: string): Promise<void> {
    await writeDurably(
      join(this.#finished, `${sessionId}.json`),
      JSON.stringify({ version: 1, sessionId, eventId, state: "accepted" }),
    );
    this.#accepted.add(sessionId);
  }

  async create(
    sessionId: string,
    { recipients, recordingDays }: { recipients: readonly PublicKey[]; recordingDays: number },
  ): Promise<SessionFolder> {
    const folder = join(this.#directory, sessionId);
    const keys: OpenKeys = { journal: newDataKey(), content: newDataKey() };
    const encryption = this.#identity.encryption;
    const file: KeyFile = {
      version: 1,
      recipients: await sealedTo(plain(keys), recipients),
      device: await sealedTo(plain(keys), [publicHalf(encryption)]),
      recordingDays,
    };
    await writeDurably(join(folder, "key.json"), JSON.stringify(file));
    await mkdir(join(folder, "media"), { recursive: true, mode: 0o700 });
    return new SessionFolder({ folder, sessionId, encryption, keys, file });
  }

  /** Undefined where the device has forgotten the session's keys: it is closed and waits for its receipt. @throws Fault seal.unreadable, file.unreadable */
  async open(sessionId: string): Promise<SessionFolder | undefined> {
    const folder = join(this.#directory, sessionId);
    const text = await readIfThere(join(folder, "key.json"));
    if (text === undefined)
      throw new Fault("key.missing", "a session's folder holds no keys: it was cut before it began");
    const file = parseJson(keyFile, text, { what: "the keys of a session", otherwise: "file.unreadable" });
    if (file.device === undefined) return undefined;
    const encryption = this.#identity.encryption;
    const found = parseJson(sessionKeys, await unseal(file.device, encryption), {
      what: "the keys of a session",
      otherwise: "file.unreadable",
    });
    const keys: OpenKeys = {
      journal: fromBase64url(found.journal),
      content: found.content === undefined ? undefined : fromBase64url(found.content),
    };
    return new SessionFolder({ folder, sessionId, encryption, keys, file });
  }

  async list(): Promise<string[]> {
    return (await namesIn(this.#directory)).sort();
  }

  async erase(sessionId: string): Promise<void> {
    await removeDurably(join(this.#directory, sessionId));
  }

  /**
   * HR has accepted the scorecard, so journal and events need not be here any longer. The recording has been sent to
   * nobody: it stays, sealed to HR alone, as long as the policy lets it. `now`: a lower bound of the time.
   */
  async release(sessionId: string, now: EpochMillis): Promise<void> {
    await this.#recordings.take(join(this.#directory, sessionId), { sessionId, now });
    await this.erase(sessionId);
  }

  /** Deletes recordings whose time is over. `now` undefined: no clock can be believed, nothing is deleted. */
  async expire(now: EpochMillis | undefined, onFault: (error: unknown) => void): Promise<void> {
    if (now !== undefined) await this.#recordings.expire(now, onFault);
  }
}
