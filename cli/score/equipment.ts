import { Fault } from "../../contracts/fault.ts";
import type { Embedder } from "../../contracts/ports.ts";
import { type Engines, openEngines } from "../../inference/transcribe.ts";

/** Opens engines when the first answer needs them: a file of choices needs none, a file of texts no recogniser. */
export class Equipment {
  readonly #models: string | undefined;
  #speech: Promise<Engines> | undefined;
  #text: Promise<Engines> | undefined;

  constructor(models: string | undefined) {
    this.#models = models;
  }

  #open(which: Parameters<typeof openEngines>[0]["which"]): Promise<Engines> {
    return openEngines({ which, ...(this.#models === undefined ? {} : { modelsDirectory: this.#models }) });
  }

  /** @throws Fault model.missing, model.corrupt */
  async embedder(): Promise<Embedder> {
    this.#text ??= this.#open(["embedder"]);
    const { embedder } = await this.#text;
    if ("fault" in embedder) throw withRemedy(embedder.fault);
    return embedder.engine;
  }

  /** @throws Fault model.missing, model.corrupt */
  async speech(): Promise<Engines> {
    this.#speech ??= this.#open(["voiceActivity", "recogniser"]);
    const engines = await this.#speech;
    for (const part of [engines.voiceActivity, engines.recogniser]) if ("fault" in part) throw withRemedy(part.fault);
    return engines;
  }

  async close(): Promise<void> {
    await (await this.#text)?.close();
    await (await this.#speech)?.close();
  }
}

const withRemedy = (fault: Fault): Fault =>
  new Fault(fault.code, `${fault.message}; run "candor models fetch", or name the folder with --models`, {
    cause: fault,
  });

/** Choices and code need no embedder. */
export const noEmbedder: Embedder = {
  dimensions: 0,
  embed: () => Promise.reject(new Fault("internal", "an answer without words was embedded")),
  close: () => Promise.resolve(),
};
