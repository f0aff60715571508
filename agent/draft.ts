import { z } from "zod";
import { writtenCode } from "../contracts/judge.ts";
import { parse } from "../runtime/parse.ts";
import type { Draft } from "./session/state.ts";
import type { SessionFolder } from "./sessionStore.ts";

const stored = z.looseObject({ questionId: z.string(), code: writtenCode });

/** The program that stands on the page: no fact of the session yet, but on the disk, so that a restart finds it. */
export class DraftKeeper {
  readonly #folder: Pick<SessionFolder, "readDraft" | "writeDraft">;
  readonly #onFault: (error: unknown) => void;
  #current: Draft | undefined;

  constructor(folder: Pick<SessionFolder, "readDraft" | "writeDraft">, onFault: (error: unknown) => void) {
    this.#folder = folder;
    this.#onFault = onFault;
  }

  get current(): Draft | undefined {
    return this.#current;
  }

  /** Takes up what an earlier start left. What cannot be read is told and left out: the question begins anew. */
  async load(): Promise<void> {
    try {
      const found = await this.#folder.readDraft();
      if (found !== undefined)
        this.#current = parse(stored, found, { what: "the draft", otherwise: "file.unreadable" });
    } catch (error) {
      this.#onFault(error);
    }
  }

  /** Puts it on the disk and only then counts it as kept. One call at a time. What cannot be written is told, and held. */
  async keep(draft: Draft | undefined): Promise<void> {
    await this.#folder.writeDraft(draft).catch(this.#onFault);
    this.#current = draft;
  }
}
