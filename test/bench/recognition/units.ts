import type { Language } from "../../../contracts/language.ts";
import { simplified } from "../../../inference/engines/whisper/simplified.ts";

const digits = [..."零一二三四五六七八九"];
const small = (
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen " +
  "sixteen seventeen eighteen nineteen"
).split(" ");
const tens = ["", "", ..."twenty thirty forty fifty sixty seventy eighty ninety".split(" ")];

const digitByDigit = (figures: string): string => [...figures].map((one) => digits[Number(one)]).join("");

/** 0 to 9999 as Mandarin says it: 105 is 一百零五, 12 is 十二. */
function belowTenThousand(value: number): string {
  let out = "";
  let skipped = false;
  for (const [size, name] of [
    [1000, "千"],
    [100, "百"],
    [10, "十"],
    [1, ""],
  ] as const) {
    const digit = Math.floor(value / size) % 10;
    if (digit === 0) skipped = out !== "";
    else {
      out += `${skipped ? "零" : ""}${digits[digit]}${name}`;
      skipped = false;
    }
  }
  return out.replace(/^一十/, "十");
}

function inMandarin(figures: string): string {
  const value = Number(figures);
  if (value === 0 || figures.length > 8 || /^0/.test(figures)) return digitByDigit(figures);
  const [many, rest] = [Math.floor(value / 10_000), value % 10_000];
  if (many === 0) return belowTenThousand(value);
  return `${belowTenThousand(many)}万${rest > 0 && rest < 1000 ? "零" : ""}${belowTenThousand(rest)}`;
}

function inEnglish(value: number): string {
  if (value < 20) return small[value] ?? "";
  if (value < 100) return `${tens[Math.floor(value / 10)]} ${value % 10 === 0 ? "" : small[value % 10]}`;
  for (const [size, name] of [
    [1_000_000, "million"],
    [1000, "thousand"],
    [100, "hundred"],
  ] as const)
    if (value >= size)
      return `${inEnglish(Math.floor(value / size))} ${name} ${value % size === 0 ? "" : inEnglish(value % size)}`;
  return "";
}

function mandarin(text: string): string[] {
  const spoken = simplified(text.toLowerCase())
    .replace(/(\d),(?=\d{3})/g, "$1")
    .replace(/(\d+(?:\.\d+)?)%/g, "百分之$1")
    .replace(/\d{4}(?=年)/g, digitByDigit)
    .replace(/(\d+)\.(\d+)/g, (_, whole: string, part: string) => `${inMandarin(whole)}点${digitByDigit(part)}`)
    .replace(/\d+/g, inMandarin)
    .replace(/两/g, "二")
    .replace(/〇/g, "零");
  return [...spoken.replace(/[^\p{L}\p{N}]/gu, "")];
}

function english(text: string): string[] {
  const spoken = text
    .toLowerCase()
    .replace(/(\d),(?=\d{3})/g, "$1")
    .replace(/%/g, " percent ")
    .replace(
      /(\d+)\.(\d+)/g,
      (_, whole: string, part: string) => `${whole} point ${[...part].map((one) => small[Number(one)]).join(" ")}`,
    )
    .replace(/\d+/g, (figures) => ` ${figures.length > 9 ? figures : inEnglish(Number(figures))} `)
    .replace(/['’]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .replace(/\b(hundred|thousand|million) and\b/g, "$1");
  return spoken.split(" ").filter((one) => one !== "");
}

/**
 * What counts as one mistake: a character of Mandarin, a word of English. Marks and capitals do not count, traditional
 * characters are simplified, numbers in figures are written as they are said, 两 is 二.
 */
export function units(text: string, language: Language): string[] {
  return language === "zh-CN" ? mandarin(text) : english(text);
}

/** Levenshtein distance: the least number of units put in, left out or changed. */
export function mistakes(said: readonly string[], heard: readonly string[]): number {
  let row = Array.from({ length: heard.length + 1 }, (_, at) => at);
  for (const [at, one] of said.entries()) {
    const next = [at + 1];
    for (const [other, unit] of heard.entries())
      next.push(
        Math.min((next[other] ?? 0) + 1, (row[other + 1] ?? 0) + 1, (row[other] ?? 0) + (one === unit ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}
