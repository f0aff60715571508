import { Fault } from "../contracts/fault.ts";
import { contentEvents, firstPrevious, journalLine, type SessionEvent, sessionEvent } from "../contracts/journal.ts";
import { sha256 } from "../runtime/canonical.ts";
import { DurableLog } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";
import { fromBase64url, openBytes, sealBytes, toBase64url } from "../runtime/seal.ts";

/** 32 bytes each. `content` is gone once consent was refused or taken back. */
export type OpenKeys = { journal: Buffer; content: Buffer | undefined };

type Place = { sessionId: string; seq: number; prev: string };
const lineContext = ({ sessionId, seq, prev }: Place): string => `${sessionId}/journal/${seq}/${prev}`;
const contentContext = ({ sessionId, seq, prev }: Place): string => `${sessionId}/content/${seq}/${prev}`;

const hasContent = (type: string): boolean => (contentEvents as readonly string[]).includes(type);

function box(event: SessionEvent, keys: OpenKeys, place: Place): string {
  let stored: object = event;
  if ("content" in event && hasContent(event.type) && event.content !== null) {
    const sealed =
      keys.content === undefined
        ? null
        : {
            sealed: toBase64url(
              sealBytes(keys.content, Buffer.from(JSON.stringify(event.content)), contentContext(place)),
            ),
          };
    stored = { ...event, content: sealed };
  }
  return toBase64url(sealBytes(keys.journal, Buffer.from(JSON.stringify(stored)), lineContext(place)));
}

function unbox(text: string, keys: OpenKeys, place: Place): SessionEvent {
  const stored = JSON.parse(openBytes(keys.journal, fromBase64url(text), lineContext(place)).toString("utf8")) as {
    type?: string;
    content?: { sealed?: string } | null;
  };
  let plain: object = stored;
  if (hasContent(stored.type ?? "")) {
    const sealed = stored.content?.sealed;
    const content =
      sealed === undefined || keys.content === undefined
        ? null
        : (JSON.parse(
            openBytes(keys.content, fromBase64url(sealed), contentContext(place)).toString("utf8"),
          ) as object);
    plain = { ...stored, content };
  }
  return parseJson(sessionEvent, JSON.stringify(plain), {
    what: "an event of the journal",
    otherwise: "journal.broken",
  });
}

/** Reads lines as they stand on the disk. @throws Fault journal.broken where the chain or a seal does not hold */
export function readJournal(
  lines: readonly string[],
  { sessionId, keys }: { sessionId: string; keys: OpenKeys },
): SessionEvent[] {
  let prev = firstPrevious;
  return lines.map((text, at) => {
    const line = parseJson(journalLine, text, { what: `line ${at + 1} of the journal`, otherwise: "journal.broken" });
    if (line.seq !== at || line.prev !== prev)
      throw new Fault(
        "journal.broken",
        `the hash chain of the journal breaks at line ${at + 1}: it was changed or lines are missing`,
      );
    prev = sha256(text);
    try {
      return unbox(line.box, keys, { sessionId, seq: line.seq, prev: line.prev });
    } catch (error) {
      throw new Fault("journal.broken", `line ${at + 1} of the journal does not open with the session's key`, {
        cause: error,
      });
    }
  });
}

/** The sealed, hash-chained journal of one session. An event is on the disk when `append` resolves. */
export class Journal {
  readonly #log: DurableLog;
  readonly #sessionId: string;
  readonly #lines: string[];
  #head: string;

  private constructor(log: DurableLog, sessionId: string, lines: string[]) {
    this.#log = log;
    this.#sessionId = sessionId;
    this.#lines = lines;
    this.#head = lines.length === 0 ? firstPrevious : sha256(lines.at(-1) ?? "");
  }

  /** Opens or begins it and checks the chain. A line cut by a pulled plug is dropped: nothing had relied on it. @throws Fault journal.broken */
  static async open(options: {
    path: string;
    sessionId: string;
    keys: OpenKeys;
  }): Promise<{ journal: Journal; events: SessionEvent[] }> {
    const { log, lines } = await DurableLog.open(options.path);
    try {
      const events = readJournal(lines, options);
      return { journal: new Journal(log, options.sessionId, lines), events };
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** Every line as on the disk, and the hash of the last. */
  snapshot(): { lines: string[]; head: string } {
    return { lines: [...this.#lines], head: this.#head };
  }

  /** One call at a time: each line names the hash of the one before. @throws Fault storage.full */
  async append(event: SessionEvent, keys: OpenKeys): Promise<void> {
    const place: Place = { sessionId: this.#sessionId, seq: this.#lines.length, prev: this.#head };
    const line = JSON.stringify({ seq: place.seq, prev: place.prev, box: box(event, keys, place) });
    await this.#log.append(line);
    this.#lines.push(line);
    this.#head = sha256(line);
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}
