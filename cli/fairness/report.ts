import type { Language } from "../../contracts/language.ts";
import type { GroupFigures, Matched, Measure } from "../../inference/scoring/spread.ts";
import { formatTable } from "../demo/table.ts";
import type { Fairness } from "./measure.ts";

const english = {
  title: "The same answers recorded otherwise; spreads in points of 100 (highest less lowest score)",
  answer: "answer",
  score: "score",
  endToEnd: "end to end",
  sameTranscript: "same transcript",
  variants: "variants",
  unscored: "to a person",
  group: "changed",
  mean: "mean",
  largest: "largest",
  shift: "mean shift",
  whose: "largest in",
  category: "group of people",
  interval: "95 % interval",
  voiceMissing: 'Other voices are left out: the voice model is not there. Fetch it with "candor models fetch kokoro".',
  nothingMatched: "nothing to compare: no two groups said the same words",
  passed: "No spread is above its limit",
  failed: "Spreads above their limit are marked with *",
  speed: "speed",
  pitch: "pitch",
  formants: "pitch and formants",
  loudness: "loudness",
  noise: "room noise",
  voice: "voice",
};
type Words = typeof english;

const chinese: Words = {
  title: "同样的回答，换一种录音；分差以百分制计（最高分减最低分）",
  answer: "回答",
  score: "得分",
  endToEnd: "端到端",
  sameTranscript: "同一文本",
  variants: "变体数",
  unscored: "转人工",
  group: "改变项",
  mean: "平均",
  largest: "最大",
  shift: "平均偏移",
  whose: "最大出现于",
  category: "人群",
  interval: "95 % 区间",
  voiceMissing: "未包含其他嗓音：缺少语音合成模型。请运行 candor models fetch kokoro 获取。",
  nothingMatched: "无可比较：没有两个人群说过相同的话",
  passed: "没有超过上限的分差",
  failed: "超过上限的分差以 * 标出",
  speed: "语速",
  pitch: "音高",
  formants: "音高与共振峰",
  loudness: "响度",
  noise: "房间噪声",
  voice: "嗓音",
};
const words: Record<Language, Words> = { en: english, "zh-CN": chinese };

const points = (value: number | null): string => (value === null ? "–" : value.toFixed(1));
const marked = (value: number | null, over: boolean): string => `${points(value)}${over ? " *" : ""}`;

const isWord = (said: Words, name: string): name is keyof Words => Object.hasOwn(said, name);
const named = (said: Words, group: string): string => (isWord(said, group) ? said[group] : group);

const limitOf = (said: Words, { limits }: Fairness, measure: Measure): string =>
  `${said[measure]} ≤ ${limits[measure]}`;

function answerTable(found: Fairness, said: Words): string {
  const head = [
    said.answer,
    said.score,
    limitOf(said, found, "endToEnd"),
    limitOf(said, found, "sameTranscript"),
    said.variants,
    said.unscored,
  ];
  const rows = found.answers.map((one) => [
    one.answerId,
    one.original === null ? "–" : (one.original * 100).toFixed(1),
    marked(one.endToEnd, one.over.includes("endToEnd")),
    marked(one.sameTranscript, one.over.includes("sameTranscript")),
    String(one.variants),
    String(one.unscored),
  ]);
  return formatTable(head, rows);
}

const figures = (one: GroupFigures | null, over: boolean): string[] =>
  one === null ? ["–", "–", "–", "–"] : [points(one.mean), marked(one.largest, over), points(one.shift), one.answerId];

function groupTable(found: Fairness, said: Words): string {
  const head = [said.group, "", said.mean, said.largest, said.shift, said.whose, said.variants, said.unscored];
  const rows = found.groups.flatMap((one) =>
    (["endToEnd", "sameTranscript"] as const).map((measure) => [
      named(said, one.group),
      limitOf(said, found, measure),
      ...figures(one[measure], one.over.includes(measure)),
      String(one.variants),
      String(one.unscored),
    ]),
  );
  return formatTable(head, rows);
}

function attributeTable({ attribute, sets, categories, apart, over }: Matched, said: Words): string {
  if (sets === 0) return `${attribute}: ${said.nothingMatched}`;
  const rows = categories.map(({ category, n, shift, interval, unscored }) => [
    category,
    String(n),
    points(shift),
    interval === null ? "–" : `${points(interval[0])} – ${points(interval[1])}`,
    String(unscored),
  ]);
  const head = [`${said.category} (${attribute})`, "n", said.shift, said.interval, said.unscored];
  return `${formatTable(head, rows)}\n${said.largest}: ${marked(apart, over)}`;
}

/** What a person reads of the measurement. */
export function fairnessReport(found: Fairness, language: Language): string {
  const said = words[language];
  return [
    said.title,
    answerTable(found, said),
    ...(found.groups.length === 0 ? [] : [groupTable(found, said)]),
    ...found.attributes.map((one) => attributeTable(one, said)),
    ...(found.leftOut.length === 0 ? [] : [said.voiceMissing]),
    found.passed ? said.passed : said.failed,
  ].join("\n\n");
}
