import { type LedgerOptions, SentLedger } from "./sent-ledger.ts";

/** A ledger that is opened at its first use, and again when that failed. */
export class KeptLedger {
  readonly #path: string;
  readonly #options: LedgerOptions;
  #opening: Promise<SentLedger> | undefined;

  constructor(path: string, options: LedgerOptions) {
    this.#path = path;
    this.#options = options;
  }

  get(): Promise<SentLedger> {
    this.#opening ??= SentLedger.open(this.#path, this.#options).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  close(): void {
    void this.#opening?.then((ledger) => ledger.close()).catch(() => undefined);
  }
}
