import type { Stream } from "../../contracts/capture.ts";
import type { Millis } from "../../contracts/units.ts";
import type { LedChange } from "../../drivers/emulator/client.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { type Listener, type Rig, until } from "./capture-rig.ts";

/** Monotonic moments of one answer: its first and last material as the recorder places them, and its light as the board saw it. */
export type LitAnswer = { first: Millis; last: Millis; lit: Millis; dark: Millis };

/** Records answers of one stream, and watches its line on the board. */
export class LightWatch {
  readonly listener: Listener;
  readonly #rig: Rig;
  readonly #changes: LedChange[] = [];

  private constructor(rig: Rig, stream: Stream, listener: Listener) {
    this.#rig = rig;
    this.listener = listener;
    rig.board.onLed((change) => {
      if (change.line === `recording-${stream}`) this.#changes.push(change);
    });
  }

  static async open(rig: Rig, stream: Stream): Promise<LightWatch> {
    return new LightWatch(rig, stream, await rig.watching(stream));
  }

  /** Every change of the line so far. */
  get changes(): readonly LedChange[] {
    return this.#changes;
  }

  /** An answer of about this length. @throws Error when the light was not lit and darkened once each */
  async record(answerId: string, length: Millis): Promise<LitAnswer> {
    const before = this.#changes.length;
    this.listener.send(this.#rig.record(answerId));
    const began = await this.listener.wait("recording", (one) => one.answerId === answerId);
    await clock.sleep(length);
    this.listener.send({ do: "stop", answerId });
    const stopped = await this.listener.wait("stopped", (one) => one.answerId === answerId);
    const dark = (): true | undefined => (this.#changes.at(-1)?.lit === false ? true : undefined);
    await until("the light to be dark again", dark);
    const [on, off, more] = this.#changes.slice(before);
    if (on?.lit !== true || off === undefined || more !== undefined) throw new Error("the light flickered");
    const { sessionStart } = this.#rig;
    const [first, last] = [sessionStart + began.atMillis, sessionStart + stopped.atMillis];
    return { first, last, lit: on.atMonotonic, dark: off.atMonotonic };
  }
}
