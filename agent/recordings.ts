import { join } from "node:path";
import { z } from "zod";
import { keyFile } from "../contracts/journal.ts";
import { days, type EpochMillis } from "../contracts/units.ts";
import { moveDurably, namesIn, readIfThere, removeDurably, writeDurably } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";

const kept = z.looseObject({ version: z.literal(1), until: z.number() });

/**
 * Recordings of sessions that HR has accepted: sealed segments, and the keys sealed to HR and recovery only. The device
 * cannot open them; it keeps them until the policy's day.
 */
export class Recordings {
  readonly #directory: string;

  constructor(stateDirectory: string) {
    this.#directory = join(stateDirectory, "recordings");
  }

  /** Takes the recording out of a session's folder, if it has one. Can be done again after it was cut short. */
  async take(folder: string, { sessionId, now }: { sessionId: string; now: EpochMillis }): Promise<void> {
    const text = await readIfThere(join(folder, "key.json"));
    const media = await namesIn(join(folder, "media"));
    if (text === undefined || media.length === 0) return;
    const keys = parseJson(keyFile, text, { what: "the keys of a session", otherwise: "file.unreadable" });
    if (keys.recordingDays === undefined) return;
    const { device: _, ...sealedToHr } = keys;
    const place = join(this.#directory, sessionId);
    await writeDurably(join(place, "kept.json"), JSON.stringify({ version: 1, until: now + days(keys.recordingDays) }));
    await writeDurably(join(place, "key.json"), JSON.stringify(sealedToHr));
    await moveDurably(join(folder, "media"), join(place, "media"));
  }

  /** Deletes what may not be kept any longer. One that cannot be judged or deleted goes to `onFault` and stays; the others go. */
  async expire(now: EpochMillis, onFault: (error: unknown) => void): Promise<void> {
    for (const sessionId of await namesIn(this.#directory))
      await this.#expireOne(join(this.#directory, sessionId), now).catch(onFault);
  }

  async #expireOne(place: string, now: EpochMillis): Promise<void> {
    const text = await readIfThere(join(place, "kept.json"));
    const what = { what: "how long a recording is kept", otherwise: "file.unreadable" } as const;
    if (text !== undefined && parseJson(kept, text, what).until <= now) await removeDurably(place);
  }
}
