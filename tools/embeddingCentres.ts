import { writeFile } from "node:fs/promises";
import { centresFile, centresPath } from "../inference/engines/e5/centres.ts";
import { readSentences } from "../inference/engines/e5/sentences.ts";
import { openE5 } from "../inference/engines/e5.ts";
import { defaultModelsDirectory, openModelStore } from "../inference/models/store.ts";

/** Writes the mean vectors of sentences.json anew: after a change of the sentences or of the model. */
const store = await openModelStore({ directory: defaultModelsDirectory() });
const embedder = await openE5(store, { centres: { "zh-CN": new Float32Array(384), en: new Float32Array(384) } });
const sentences = await readSentences();
const centres = { "zh-CN": await embedder.mean(sentences["zh-CN"]), en: await embedder.mean(sentences.en) };
await writeFile(centresPath, centresFile((await store.load("e5-small")).sha256, centres));
await embedder.close();
