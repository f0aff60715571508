import { constants } from "node:fs";
import { type FileHandle, open as openFile } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { run } from "../../runtime/subprocess.ts";
import { openTree } from "../tree.ts";

/**
 * For tests: ALSA's own library with PCMs of its file and multi plugins in the place of cards. All that a driver runs,
 * ffmpeg and arecord, is real, and so is the library.
 */
export type AlsaSetup = { folder: string; close(): Promise<void> };

/** From now on this process's children find these PCMs; `lines` gets the folder that is theirs. */
export async function configureAlsa(lines: (folder: string) => readonly string[]): Promise<AlsaSetup> {
  const { root, write, close } = await openTree();
  await write({ "asound.conf": `${["</usr/share/alsa/alsa.conf>", ...lines(root)].join("\n")}\n` });
  const before = process.env["ALSA_CONFIG_PATH"];
  process.env["ALSA_CONFIG_PATH"] = join(root, "asound.conf");
  return {
    folder: root,
    close: async () => {
      if (before === undefined) delete process.env["ALSA_CONFIG_PATH"];
      else process.env["ALSA_CONFIG_PATH"] = before;
      await close();
    },
  };
}

/** So fast that what waits in the kernel's pipe, 64 KiB, is 21 ms of sound: a card has no more in it. */
export const cardShape = { sampleRate: 192_000, channels: 8 };
const frameBytes = cardShape.channels * 2;
const bytesPerMilli = (cardShape.sampleRate * frameBytes) / 1000;
/** The ear's rate is 16 kHz. */
const everyFrame = cardShape.sampleRate / 16_000;
const tickMillis = 10;

/** All channels of each twelfth frame together, as s16le 16 kHz mono. */
function heardOf(frames: Buffer): Buffer {
  const stride = everyFrame * frameBytes;
  const heard = Buffer.alloc(Math.floor(frames.length / stride) * 2);
  for (let at = 0; at < heard.length / 2; at++) {
    let sum = 0;
    for (let channel = 0; channel < cardShape.channels; channel++) sum += frames.readInt16LE(at * stride + channel * 2);
    heard.writeInt16LE(Math.max(-32_768, Math.min(32_767, sum)), at * 2);
  }
  return heard;
}

/** What came, s16le 16 kHz mono, and when. */
export type Heard = { pcm: Buffer; at: Millis };

/** A card that plays: it takes its samples from a FIFO in the time they sound. */
export class PlayingCard {
  readonly #fifo: FileHandle;
  readonly #ears = new Set<(heard: Heard) => void>();
  readonly #buffer = Buffer.alloc(1024 * 1024);
  #rest: Buffer = Buffer.alloc(0);
  #taken: Millis = systemClock.monotonic();
  #reading = false;
  #stalled = false;
  readonly #end: () => void;

  private constructor(fifo: FileHandle) {
    this.#fifo = fifo;
    this.#end = systemClock.every(tickMillis, () => void this.#tick());
  }

  static async open(path: string): Promise<PlayingCard> {
    await run("mkfifo", [path]);
    // Open for writing too: else a player's opening would wait, and its going would end the reading.
    return new PlayingCard(await openFile(path, constants.O_RDWR | constants.O_NONBLOCK));
  }

  /** Returns what ends the listening. */
  listen(ear: (heard: Heard) => void): () => void {
    this.#ears.add(ear);
    return () => this.#ears.delete(ear);
  }

  /** From now on it takes nothing, as a device on a hung bus. */
  stall(): void {
    this.#stalled = true;
  }

  async close(): Promise<void> {
    this.#end();
    while (this.#reading) await systemClock.sleep(tickMillis);
    await this.#fifo.close();
  }

  async #tick(): Promise<void> {
    if (this.#reading || this.#stalled) return;
    this.#reading = true;
    try {
      const now = systemClock.monotonic();
      const due = Math.min(this.#buffer.length, Math.floor((now - this.#taken) * bytesPerMilli));
      const came = await this.#read(due);
      // Nothing plays: what is due counts from now, and the next player begins with a whole frame.
      if (came === undefined) {
        this.#taken = now;
        this.#rest = Buffer.alloc(0);
      } else {
        this.#taken += came.length / bytesPerMilli;
        this.#hear(came, now);
      }
    } finally {
      this.#reading = false;
    }
  }

  async #read(most: number): Promise<Buffer | undefined> {
    if (most === 0) return Buffer.alloc(0);
    try {
      const { bytesRead } = await this.#fifo.read(this.#buffer, 0, most, null);
      return Buffer.from(this.#buffer.subarray(0, bytesRead));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
      throw error;
    }
  }

  #hear(came: Buffer, at: Millis): void {
    const all = Buffer.concat([this.#rest, came]);
    const whole = all.length - (all.length % (everyFrame * frameBytes));
    this.#rest = all.subarray(whole);
    const pcm = heardOf(all.subarray(0, whole));
    for (const ear of this.#ears) ear({ pcm, at });
  }
}

/** ALSA's configuration in which every `hw` PCM plays into this FIFO. */
export const playingInto = (path: string): string =>
  [
    "pcm.!hw {",
    "@args [ CARD DEV SUBDEV ]",
    '@args.CARD { type string default "0" }',
    "@args.DEV { type integer default 0 }",
    "@args.SUBDEV { type integer default -1 }",
    `type file slave.pcm "null" file "${path}" format raw`,
    "}",
  ].join(" ");
