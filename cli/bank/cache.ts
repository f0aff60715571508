import { mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Language } from "../../contracts/language.ts";
import { contentHash } from "../../runtime/canonical.ts";
import { writeDurably } from "../../runtime/durable.ts";

/** Counts up when the same text would be rendered or encoded otherwise. */
const rendering = 2;

export type Rendered = { text: string; language: Language; voice: string };

/** `candor/prompts` in the user's cache (XDG Base Directory). */
export function defaultCache(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment.XDG_CACHE_HOME;
  return join(cache === undefined || cache === "" ? join(homedir(), ".cache") : cache, "candor", "prompts");
}

/** Prompts that were rendered before, by what they say, in which language, by which voice of which model. */
export class PromptCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #path(rendered: Rendered): string {
    return join(this.#folder, `${contentHash({ ...rendered, rendering })}.opus`);
  }

  async get(rendered: Rendered): Promise<Buffer | undefined> {
    return readFile(this.#path(rendered)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
  }

  /** Whole or not there: a rendering that is interrupted goes on behind the last prompt. */
  async put(rendered: Rendered, audio: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeDurably(this.#path(rendered), audio);
  }
}
