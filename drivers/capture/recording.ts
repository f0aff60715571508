import { join } from "node:path";
import type { CaptureReport, CaptureRequest, Stream } from "../../contracts/capture.ts";
import { asFault, Fault, type FaultCode } from "../../contracts/fault.ts";
import type { Millis } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { writeDurably } from "../../runtime/durable.ts";
import { fromBase64url, sealBytes } from "../../runtime/seal.ts";

/** A stretch of material. `start` counts in the stream's own time, `origin` says which monotonic moment its 0 is. */
export type Piece = { bytes: Uint8Array; start: Millis; duration: Millis; origin: Millis; initialisation: boolean };

export type RecordRequest = Extract<CaptureRequest, { do: "record" }>;

export type RecordingOptions = {
  stream: Stream;
  request: RecordRequest;
  /** Number of the first segment. */
  index: number;
  /** Monotonic moment of the request. */
  asked: Millis;
  report: (report: CaptureReport) => void;
  /** Material is about to be kept, at the beginning and after each interruption: the light is to be lit now. */
  onBegin: () => void;
  /** The disk refuses (undefined: takes again) what is to be kept. */
  onStorage: (fault: Fault | undefined) => void;
};

/** Pieces that may wait for the disk, half a minute, before more is left out. */
const mostWaiting = 30;
/** Two neighbours closer than this (ms) are gapless: less than one sample of either stream's rounding. */
const gapless = 1;

/** One answer's recording of one stream: numbers the pieces, seals them, stores them, and announces each once it is stored. */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #key: Buffer;
  #next: number;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** The session's time up to which the recording stands on the disk; before the first piece: the request. */
  #end: Millis;
  #begun = false;
  #stored = false;
  /** The origin that counts until the stream is interrupted, so that neighbours stay neighbours. */
  #origin: Millis | undefined;
  #why: FaultCode | undefined;
  #refused = false;
  /** Since when the light has been lit for it. */
  #lit: Millis | undefined;

  /** @throws Fault key.missing when the key has not 32 bytes */
  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#key = fromBase64url(options.request.key);
    if (this.#key.length !== 32) throw new Fault("key.missing", "a recording needs the session's data key of 32 bytes");
    this.#next = options.index;
    this.#end = this.#onSession(options.asked);
  }

  get answerId(): string {
    return this.#options.request.answerId;
  }

  /** Lights the light, unless it is lit. Gives the monotonic moment since which it is: nothing older may be kept. */
  light(now: Millis): Millis {
    if (this.#lit === undefined) {
      this.#lit = now;
      this.#options.onBegin();
    }
    return this.#lit;
  }

  /** Since when the light has been lit for what is kept. */
  get lit(): Millis | undefined {
    return this.#lit;
  }

  /** The first material is being kept, from this monotonic moment on. */
  begin(at: Millis): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#options.report({ report: "recording", answerId: this.answerId, atMillis: this.#onSession(at) });
  }

  /** Nothing comes for now. What comes next is placed anew, and the time between is told as a gap. */
  interrupt(fault: FaultCode): void {
    this.#lit = undefined;
    void this.#inOrder(async () => {
      this.#why ??= fault;
      this.#origin = undefined;
    });
  }

  add(piece: Piece): void {
    if (this.#waiting >= mostWaiting) {
      const late = new Fault("storage.full", "the disk is too slow for the recording: some of it is left out");
      void this.#inOrder(async () => this.#refuse(late));
      return;
    }
    void this.#inOrder(() => this.#store(piece));
  }

  /** Resolves when all that was added is on the disk and announced; then tells where the recording ends. */
  async finish(now: Millis): Promise<{ sessionId: string; nextIndex: number }> {
    await this.#inOrder(async () => {
      const { report } = this.#options;
      if (this.#why !== undefined) this.#tellGap(this.#onSession(now), this.#why);
      report({ report: "stopped", answerId: this.answerId, atMillis: this.#end, nextIndex: this.#next });
    });
    this.#key.fill(0);
    return { sessionId: this.#options.request.sessionId, nextIndex: this.#next };
  }

  #onSession(at: Millis): Millis {
    return Math.max(0, at - this.#options.request.sessionStart);
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    this.#waiting++;
    this.#tail = this.#tail.then(work).finally(() => {
      this.#waiting--;
    });
    return this.#tail;
  }

  #refuse(fault: Fault): void {
    this.#why ??= fault.code;
    this.#refused = true;
    this.#options.onStorage(fault);
  }

  #tellGap(to: Millis, fault: FaultCode): void {
    const { report, stream } = this.#options;
    if (to - this.#end > gapless)
      report({ report: "gap", stream, answerId: this.answerId, from: this.#end, to, fault });
  }

  async #store(piece: Piece): Promise<void> {
    const { stream, request, report, onStorage } = this.#options;
    this.#origin ??= piece.origin;
    const offset = Math.max(this.#stored ? this.#end : 0, this.#onSession(this.#origin + piece.start));
    const index = this.#next;
    const file = `${stream}-${String(index).padStart(6, "0")}.sealed`;
    const sealed = sealBytes(this.#key, piece.bytes, `${request.sessionId}/${file}`);
    try {
      await writeDurably(join(request.folder, file), sealed);
    } catch (error) {
      this.#refuse(asFault(error));
      return;
    }
    this.#next = index + 1;
    if (this.#why !== undefined) this.#tellGap(offset, this.#why);
    this.#why = undefined;
    this.#stored = true;
    if (this.#refused) onStorage(undefined);
    this.#refused = false;
    this.#end = offset + piece.duration;
    const { answerId } = this;
    const { duration: durationMillis, initialisation } = piece;
    report({
      report: "segment",
      segment: {
        stream,
        answerId,
        index,
        file,
        offsetMillis: offset,
        durationMillis,
        initialisation,
        sha256: sha256(sealed),
      },
    });
  }
}
