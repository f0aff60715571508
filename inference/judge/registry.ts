import type { CodeLanguage } from "../../contracts/judge.ts";
import type { JudgeEngine } from "./engine.ts";
import { javascript } from "./javascript.ts";
import { python } from "./python.ts";

/** Every language that code can be judged in; a new one is its file, its name in contracts/judge.ts and its line here. */
export const judgeEngines: { readonly [L in CodeLanguage]: JudgeEngine<L> } = { javascript, python };
