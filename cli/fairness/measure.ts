import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import type { Language } from "../../contracts/language.ts";
import type { Embedder } from "../../contracts/ports.ts";
import type { AnswerFile } from "../../contracts/rubric.ts";
import type { AnswerScore } from "../../contracts/scoring.ts";
import { type AnswerToScore, scoreAnswer } from "../../inference/scoring/score.ts";
import {
  type AnswerSpread,
  type GroupSpread,
  type Limits,
  type Matched,
  type Rescored,
  type Spoken,
  spreadByAnswer,
  spreadByCategory,
  spreadByGroup,
} from "../../inference/scoring/spread.ts";
import { type Engines, transcribeFile } from "../../inference/transcribe.ts";
import type { Clock } from "../../runtime/clock.ts";
import { teller } from "../progress.ts";
import { Equipment } from "../score/equipment.ts";
import { findRecording, type Given, pairUp, readAnswers } from "../score/file.ts";
import { type Heard, heardFrom } from "../score/hear.ts";
import { makeVariant, type Variant, variants } from "./variants.ts";
import { type Rendered, renderVoices } from "./voices.ts";

export type FairnessOptions = {
  models?: string | undefined;
  /** Groups of variants to make; default: all, other voices included. */
  only?: readonly string[] | undefined;
  /** Attributes of `answers[].groups` to compare. */
  groups: readonly string[];
  limits: Limits;
  clock: Clock;
};

export type Fairness = {
  limits: Limits;
  answers: AnswerSpread[];
  groups: GroupSpread[];
  attributes: Matched[];
  rescored: Rescored[];
  /** Why a group of variants is not there. */
  leftOut: { group: "voice"; fault: string }[];
  /** True where no spread is above its limit. */
  passed: boolean;
};

/** An answer as it was recorded: what was heard in it, and its score. */
type Original = { given: Given; path: string; heard: Heard; score: number | null; rmsDbfs: number };
type Bench = { content: AnswerFile; engines: Engines; embedder: Embedder };

/** The level of a recording that has none (silence): noise is then laid below this. */
const quietDbfs = -40;

async function listen(
  path: string,
  language: Language | undefined,
  engines: Engines,
): Promise<{ heard: Heard; rmsDbfs: number }> {
  const { observations } = await transcribeFile(path, { language: language ?? "auto", engines });
  return {
    heard: heardFrom(observations, language ?? "en"),
    rmsDbfs: observations.sound?.rmsDbfs ?? quietDbfs,
  };
}

async function scoreOf(given: Given, heard: Heard, { content, embedder }: Bench): Promise<AnswerScore> {
  const { answer, question } = given;
  return scoreAnswer({ answerId: answer.id, question, rubric: content.rubric, ...heard }, embedder);
}

/** All that was heard of `changed`, but for the words: those are the original's. */
function withWordsOf(original: Heard, changed: Heard): Heard | undefined {
  const [before, after] = [original.answer, changed.answer];
  if (before.kind !== "spoken" || after.kind !== "spoken") return undefined;
  const answer: AnswerToScore["answer"] = { ...after, text: before.text };
  return { answer, language: original.language };
}

async function rescore(
  original: Original,
  { group, variant, path }: { group: string; variant: string; path: string },
  bench: Bench,
): Promise<Rescored> {
  const { given, heard } = original;
  // Another voice, speed or level does not change the language: it is the one that was heard, as the device is told it.
  const changed = await listen(path, heard.language, bench.engines);
  const endToEnd = await scoreOf(given, changed.heard, bench);
  const same = withWordsOf(heard, changed.heard);
  const sameTranscript = same === undefined ? null : (await scoreOf(given, same, bench)).score;
  return { answerId: given.answer.id, group, variant, endToEnd: endToEnd.score, sameTranscript };
}

/** Who says the same: the words of the answer where the file has them, else what was heard. */
const wordsOf = ({ given, heard }: Original): string =>
  `${given.question.id} ${given.answer.text ?? (heard.answer.kind === "spoken" ? heard.answer.text : given.answer.id)}`;

function attributeOf(attribute: string, originals: readonly Original[], limits: Limits): Matched {
  const spoken = originals.flatMap((one): Spoken[] => {
    const category = one.given.answer.groups?.[attribute];
    return category === undefined ? [] : [{ words: wordsOf(one), category, score: one.score }];
  });
  return spreadByCategory(attribute, spoken, limits.endToEnd);
}

/** Attributes that no answer has would silently compare nothing. */
function checkGroups(groups: readonly string[], given: readonly Given[]): void {
  const known = [...new Set(given.flatMap(({ answer }) => Object.keys(answer.groups ?? {})))];
  const missing = groups.find((one) => !known.includes(one));
  if (missing !== undefined)
    throw new Fault(
      "use.invalid",
      `--groups ${missing}: no answer has it in its "groups"; ${known.length === 0 ? 'give each answer "groups": { "accent": "…" }' : `there are ${known.join(", ")}`}`,
      { field: "groups" },
    );
}

async function hearOriginals(
  recorded: readonly Given[],
  { file, bench, tell }: { file: string; bench: Bench; tell: (done: number) => void },
): Promise<Original[]> {
  const originals: Original[] = [];
  for (const given of recorded) {
    const path = await findRecording(file, given.answer.audio ?? "");
    const { heard, rmsDbfs } = await listen(path, given.answer.language, bench.engines);
    const { score } = await scoreOf(given, heard, bench);
    originals.push({ given, path, heard, score, rmsDbfs });
    tell(originals.length);
  }
  return originals;
}

const toSay = ({ given, heard }: Original): { answerId: string; text: string; language: Language }[] => {
  const text = given.answer.text ?? (heard.answer.kind === "spoken" ? heard.answer.text : "");
  return text.trim() === "" ? [] : [{ answerId: given.answer.id, text, language: heard.language }];
};

type Scratch = { folder: string; options: FairnessOptions };

/** The answers in other voices; undefined where the voices are not there. */
async function saidByOthers(
  originals: readonly Original[],
  { folder, options }: Scratch,
): Promise<Rendered[] | undefined> {
  const told = { tell: undefined as ReturnType<typeof teller> | undefined };
  try {
    return await renderVoices(originals.flatMap(toSay), {
      folder: join(folder, "voices"),
      models: options.models,
      onRendered: (done, of) => {
        told.tell ??= teller(of, options.clock, "spoken");
        told.tell.at(done);
      },
    });
  } finally {
    told.tell?.end();
  }
}

async function rescoreAll(
  originals: readonly Original[],
  bench: Bench,
  work: Scratch & { wanted: readonly Variant[]; rendered: readonly Rendered[] },
): Promise<Rescored[]> {
  const { folder, options, wanted, rendered } = work;
  const rescored: Rescored[] = [];
  const tell = teller(originals.length * wanted.length + rendered.length, options.clock, "recorded otherwise");
  try {
    for (const original of originals) {
      for (const variant of wanted) {
        const path = await makeVariant(original.path, variant, { folder, rmsDbfs: original.rmsDbfs });
        rescored.push(await rescore(original, { group: variant.group, variant: variant.name, path }, bench));
        tell.at(rescored.length);
      }
      for (const { voice, file } of rendered.filter((one) => one.answerId === original.given.answer.id)) {
        rescored.push(await rescore(original, { group: "voice", variant: voice, path: file }, bench));
        tell.at(rescored.length);
      }
    }
  } finally {
    tell.end();
  }
  return rescored;
}

/**
 * Records every spoken answer of the file otherwise, hears and scores each, and says how far the scores lie apart.
 * @throws Fault file.missing, message.malformed, rubric.*, model.*, process.*, use.invalid (no recording in the file)
 */
export async function measureFairness(file: string, options: FairnessOptions): Promise<Fairness> {
  const path = resolve(file);
  const content = await readAnswers(path);
  const given = pairUp(content);
  const recorded = given.filter(({ answer, question }) => question.kind === "spoken" && answer.audio !== undefined);
  if (recorded.length === 0)
    throw new Fault("use.invalid", `${file} has no answer with a recording: give spoken answers "audio"`, {
      field: "answers",
    });
  checkGroups(options.groups, recorded);
  const equipment = new Equipment(options.models);
  const folder = await mkdtemp(join(tmpdir(), "candor-fairness-"));
  try {
    const bench: Bench = { content, engines: await equipment.speech(), embedder: await equipment.embedder() };
    return await measure(recorded, bench, { folder, options, file: path });
  } finally {
    await equipment.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  recorded: readonly Given[],
  bench: Bench,
  { folder, options, file }: Scratch & { file: string },
): Promise<Fairness> {
  const { only, limits } = options;
  const tell = teller(recorded.length, options.clock, "heard");
  const originals = await hearOriginals(recorded, { file, bench, tell: tell.at }).finally(tell.end);
  const wanted = variants.filter((one) => only === undefined || only.includes(one.group));
  const voices = only === undefined || only.includes("voice");
  const rendered = voices ? await saidByOthers(originals, { folder, options }) : [];
  const rescored = await rescoreAll(originals, bench, { folder, options, wanted, rendered: rendered ?? [] });
  const scores = new Map(originals.map((one) => [one.given.answer.id, one.score]));
  const answers = spreadByAnswer(scores, rescored, limits);
  const groups = spreadByGroup(scores, rescored, limits);
  const attributes = options.groups.map((one) => attributeOf(one, originals, limits));
  return {
    limits,
    answers,
    groups,
    attributes,
    rescored,
    leftOut: rendered === undefined ? [{ group: "voice", fault: "model.missing" }] : [],
    passed: ![...answers, ...groups].some((one) => one.over.length > 0) && !attributes.some((one) => one.over),
  };
}
