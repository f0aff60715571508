import type { Language } from "../../contracts/language.ts";
import type { Recogniser } from "../../contracts/ports.ts";
import type { ModelStore } from "../models/store.ts";
import { openWhisper } from "./whisper.ts";

export type RecogniserOptions = { threads?: number };

/** A recogniser one can choose by name; the name is that of its model in the lock file. */
export type RecogniserPlugin = {
  name: string;
  summary: string;
  languages: readonly Language[];
  open(store: ModelStore, options?: RecogniserOptions): Promise<Recogniser>;
};

export const whisperBase: RecogniserPlugin = {
  name: "whisper-base",
  summary: "Whisper base, Mandarin and English, the default",
  languages: ["zh-CN", "en"],
  open: (store, options) => openWhisper(store, { model: "whisper-base", ...options }),
};

export const whisperTinyEn: RecogniserPlugin = {
  name: "whisper-tiny-en",
  summary: "Whisper tiny, English only, for weak boards",
  languages: ["en"],
  open: (store, options) => openWhisper(store, { model: "whisper-tiny-en", ...options }),
};

export const recognisers: readonly RecogniserPlugin[] = [whisperBase, whisperTinyEn];
