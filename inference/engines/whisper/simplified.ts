import { Converter } from "opencc-js/t2cn";

/** Traditional characters, which Whisper mixes into Mandarin, to simplified ones (OpenCC, t → cn). */
export const simplified: (text: string) => string = Converter({ from: "t", to: "cn" });
