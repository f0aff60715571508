import type { Language } from "../../contracts/language.ts";
import type { ScoreDifference } from "../../inference/scoring/compare.ts";
import { cutTo, formatTable } from "../demo/table.ts";
import type { Rescore } from "./rescore.ts";

const english = {
  same: "The same score, byte for byte",
  other: "Another score than the scorecard's",
  equal: "No figure of it differs; the device's journal holds no canonical score, or one of another form",
  head: ["what", "of", "scorecard", "now"],
  damaged: "Segments that are not as they were sealed:",

  what: {
    scorer: "scorer",
    rubric: "rubric",
    model: "model",
    transcript: "transcript",
    answer: "answer",
    evidence: "evidence",
    interval: "interval",
    competency: "competency",
    total: "total",
  } satisfies Record<ScoreDifference["what"], string>,
  faults: { "file.missing": "missing", "seal.unreadable": "changed" },
};
const chinese: typeof english = {
  same: "得分完全一致（逐字节相同）",
  other: "得分与评分卡不一致",
  equal: "各项数值均无差别；设备日志中没有规范化得分，或格式不同",
  head: ["项目", "对象", "评分卡", "现在"],
  damaged: "与封存时不一致的片段：",

  what: {
    scorer: "评分器",
    rubric: "评分标准",
    model: "模型",
    transcript: "转写文本",
    answer: "回答",
    evidence: "证据",
    interval: "区间",
    competency: "能力项",
    total: "总分",
  },
  faults: { "file.missing": "缺失", "seal.unreadable": "已改动" },
};
const words: Record<Language, typeof english> = { en: english, "zh-CN": chinese };

/** Columns for each side of a difference: both fit on a wide terminal. */
const room = 60;

/** From where on two texts differ, with a little before it: the rest says nothing. */
function fromDifference(text: string | null, other: string | null): string {
  if (text === null) return "–";
  let same = 0;
  while (same < text.length && text[same] === other?.[same]) same += 1;
  const from = text.length > room ? Math.max(0, same - 10) : 0;
  return cutTo(room, `${from > 0 ? "…" : ""}${text.slice(from)}`);
}

/** What a person reads of a recording scored again. */
export function rescoreReport({ sessionId, same, differences, damaged }: Rescore, language: Language): string {
  const said = words[language];
  const rows = differences.map((one) => [
    said.what[one.what],
    one.of,
    fromDifference(one.before, one.after),
    fromDifference(one.after, one.before),
  ]);
  const broken = damaged.map(({ file, fault }) => `  ${file}: ${said.faults[fault]}`);
  return [
    `${sessionId}: ${same ? said.same : said.other}`,
    ...(rows.length > 0 ? ["", formatTable(said.head, rows)] : same ? [] : [said.equal]),
    ...(broken.length > 0 ? ["", said.damaged, ...broken] : []),
  ].join("\n");
}
