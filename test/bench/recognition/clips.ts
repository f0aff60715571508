import { readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { z } from "zod";
import { Fault } from "../../../contracts/fault.ts";
import type { Language } from "../../../contracts/language.ts";
import { parseJson } from "../../../runtime/parse.ts";

/** A recording and what is said in it. */
export type Clip = { name: string; path: string; language: Language; text: string };

const spokenAnswers = z.looseObject({
  answers: z.array(z.looseObject({ text: z.string().optional(), audio: z.string().optional() })),
});

/** What the answer files of a folder say is spoken, by the base name of the recording. */
async function answerTexts(folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const name of (await readdir(folder)).filter((one) => one.endsWith(".json") && !one.endsWith(".prompts.json"))) {
    const { answers } = parseJson(spokenAnswers, await readFile(join(folder, name), "utf8"), { what: name });
    for (const { text, audio } of answers)
      if (text !== undefined && audio !== undefined) texts.set(basename(audio, extname(audio)), text);
  }
  return texts;
}

/**
 * The recordings of a folder, in the order of names; `zh-` or `en-` in front of a name is its language, its text is in
 * NAME.txt beside it, else in the answer file of `answers` that names it.
 * @throws Fault file.missing where a recording has no text
 */
export async function readClips(folder: string, { answers }: { answers: string }): Promise<Clip[]> {
  const names = await readdir(folder);
  const recordings = names.filter((one) => /^(zh|en)-.*\.(opus|ogg|wav|flac|mp3|m4a|webm)$/.test(one)).sort();
  let known: Map<string, string> | undefined;
  const clips: Clip[] = [];
  for (const file of recordings) {
    const name = basename(file, extname(file));
    const beside = names.includes(`${name}.txt`) ? await readFile(join(folder, `${name}.txt`), "utf8") : undefined;
    if (beside === undefined) known ??= await answerTexts(answers);
    const text = beside ?? known?.get(name);
    if (text === undefined) throw new Fault("file.missing", `${file} has no text: write ${name}.txt beside it`);
    clips.push({ name, path: join(folder, file), language: name.startsWith("zh-") ? "zh-CN" : "en", text });
  }
  return clips;
}
