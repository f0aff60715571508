import type { BoardRequest } from "./protocol.ts";

/** The lamp that both recording lines are wired to, as two open-collector outputs drive one lamp. */
const recordingLamp = "recording";
const wiredTo = (line: string): string | undefined =>
  /^recording-(mic|camera)$/.test(line) ? recordingLamp : undefined;

/** The lights of the board. A line is lit while one of its holders shows it; a holder that goes lets go of all it held. */
export class Lamps {
  readonly #held = new Map<object, Map<string, BoardRequest["look"]>>();
  readonly #lit = new Map<string, boolean>();
  readonly #onChange: (line: string, lit: boolean) => void;

  constructor(onChange: (line: string, lit: boolean) => void) {
    this.#onChange = onChange;
  }

  /** Every lamp that was ever shown. */
  get all(): Record<string, boolean> {
    return { [recordingLamp]: false, ...Object.fromEntries(this.#lit) };
  }

  show(holder: object, { line, look }: BoardRequest): void {
    const lines = this.#held.get(holder) ?? new Map<string, BoardRequest["look"]>();
    this.#held.set(holder, lines.set(line, look));
    this.#settle(line);
  }

  release(holder: object): void {
    const lines = this.#held.get(holder);
    this.#held.delete(holder);
    for (const line of lines?.keys() ?? []) this.#settle(line);
  }

  #settle(line: string): void {
    this.#change(
      line,
      [...this.#held.values()].some((lines) => (lines.get(line) ?? "off") !== "off"),
    );
    const lamp = wiredTo(line);
    if (lamp !== undefined)
      this.#change(
        lamp,
        [...this.#lit].some(([other, lit]) => lit && wiredTo(other) === lamp),
      );
  }

  #change(line: string, lit: boolean): void {
    const before = this.#lit.get(line);
    this.#lit.set(line, lit);
    if ((before ?? false) !== lit) this.#onChange(line, lit);
  }
}
