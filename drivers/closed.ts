import { type Millis, minutes, seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";

/** Buttons that mean something else when they are held together, and for how long. */
const chords = [{ name: "service", buttons: ["start", "help"], length: seconds(3) }] as const;
export type Chord = (typeof chords)[number]["name"];

/** Longer than any hand: a contact that is welded, or a thing that leans on it. */
const stuckAfter: Millis = minutes(1);

export type ClosedOptions = {
  clock: Clock;
  onChord: (chord: Chord) => void;
  /** Once, when a button has been closed for a minute; and when it opens after that. */
  onStuck: (button: string) => void;
  onFreed: (button: string) => void;
};

/** Which buttons of a board are closed now, and what follows of its lasting. */
export class ClosedButtons {
  readonly #options: ClosedOptions;
  readonly #closed = new Map<string, AbortController>();
  readonly #stuck = new Set<string>();
  readonly #chording = new Map<Chord, AbortController>();

  constructor(options: ClosedOptions) {
    this.#options = options;
  }

  closes(button: string): void {
    if (this.#closed.has(button)) return;
    const closed = new AbortController();
    this.#closed.set(button, closed);
    this.#after(stuckAfter, closed.signal, () => {
      this.#stuck.add(button);
      this.#options.onStuck(button);
    });
    for (const { name, buttons, length } of chords) {
      if (this.#chording.has(name) || !buttons.every((one) => this.#closed.has(one))) continue;
      const chording = new AbortController();
      this.#chording.set(name, chording);
      this.#after(length, chording.signal, () => this.#options.onChord(name));
    }
  }

  /** It opened, or is gone: nothing is known of it then. */
  opens(button: string): void {
    this.#closed.get(button)?.abort();
    this.#closed.delete(button);
    for (const { name, buttons } of chords) {
      if (!buttons.some((one) => one === button)) continue;
      this.#chording.get(name)?.abort();
      this.#chording.delete(name);
    }
    if (this.#stuck.delete(button)) this.#options.onFreed(button);
  }

  #after(length: Millis, signal: AbortSignal, work: () => void): void {
    // The abort is the whole of its meaning: it opened in time.
    this.#options.clock.sleep(length, signal).then(work, () => undefined);
  }
}
