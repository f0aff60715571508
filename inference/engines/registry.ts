import type { Language } from "../../contracts/language.ts";
import type { Recogniser } from "../../contracts/ports.ts";
import type { ModelStore } from "../models/store.ts";
import { openSherpa } from "./sherpa.ts";
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

const senseVoice: RecogniserPlugin = {
  name: "sense-voice",
  summary: "SenseVoice small on sherpa-onnx, Mandarin and English mixed, with marks; tells no confidence",
  languages: ["zh-CN", "en"],
  open: (store, options) =>
    openSherpa(store, { model: "sense-voice", family: "senseVoice", languages: ["zh-CN", "en"], ...options }),
};

const paraformerZh: RecogniserPlugin = {
  name: "paraformer-zh",
  summary: "Paraformer large on sherpa-onnx, Mandarin with English words, without marks; tells no confidence",
  languages: ["zh-CN", "en"],
  open: (store, options) =>
    openSherpa(store, { model: "paraformer-zh", family: "paraformer", languages: ["zh-CN", "en"], ...options }),
};

/** Its publisher names no hash of its files: whoever runs it pins them in `models.lock.json` of the models directory. */
const zipformerCtcZh: RecogniserPlugin = {
  name: "zipformer-ctc-zh",
  summary: "Zipformer CTC on sherpa-onnx, Mandarin, without marks; tells no confidence",
  languages: ["zh-CN"],
  open: (store, options) =>
    openSherpa(store, { model: "zipformer-ctc-zh", family: "zipformerCtc", languages: ["zh-CN"], ...options }),
};

export const recognisers: readonly RecogniserPlugin[] = [
  whisperBase,
  whisperTinyEn,
  senseVoice,
  paraformerZh,
  zipformerCtcZh,
];
