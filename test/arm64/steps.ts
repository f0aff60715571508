import { join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { readIfThere, writeDurably } from "../../runtime/durable.ts";

export type StepsOptions = { folder: string; clock: Clock; say: (line: string) => void };

/** Work whose outcome stays in a folder and is done again only when what it was made from has changed. */
export class Steps {
  readonly #options: StepsOptions;

  constructor(options: StepsOptions) {
    this.#options = options;
  }

  /** The same, with its notes in another folder: they go when that folder goes. */
  within(folder: string): Steps {
    return new Steps({ ...this.#options, folder });
  }

  /** `key` names all that the outcome depends on. The key is noted after the work: a step that was cut off is done again. */
  async once(name: string, key: string, work: () => Promise<void>): Promise<void> {
    const { folder, clock, say } = this.#options;
    const note = join(folder, `${name}.done`);
    if ((await readIfThere(note)) === key) return say(`# ${name}: done before`);
    const begun = clock.monotonic();
    await work();
    await writeDurably(note, key);
    say(`# ${name}: ${((clock.monotonic() - begun) / 1000).toFixed(1)} s`);
  }
}
