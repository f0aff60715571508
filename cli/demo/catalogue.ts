import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import type { Language } from "../../contracts/language.ts";
import { parseJson } from "../../runtime/parse.ts";
import { projectRoot } from "../../runtime/paths.ts";

/** Says a sentence of the catalogue with its facts put in. */
export type Say = (key: string, facts?: Record<string, string | number>) => string;

export function readCatalogue(language: Language): Record<string, string> {
  const path = join(projectRoot, "cli", "demo", "catalogue", `${language}.json`);
  return parseJson(z.record(z.string(), z.string().min(1)), readFileSync(path), { what: path });
}

/** @throws Fault internal for a sentence that the catalogue does not have */
export function openCatalogue(language: Language): Say {
  const sentences = readCatalogue(language);
  return (key, facts = {}) => {
    const sentence = sentences[key];
    if (sentence === undefined) throw new Fault("internal", `the catalogue ${language} has no sentence ${key}: add it`);
    return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
  };
}

/** The language of the terminal: Chinese where its locale begins with zh, else English (POSIX: LC_ALL before LC_MESSAGES before LANG). */
export function terminalLanguage(env: NodeJS.ProcessEnv): Language {
  const locale = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find((one) => one !== undefined && one !== "");
  return locale?.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}
