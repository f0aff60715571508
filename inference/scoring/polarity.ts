import type { Language } from "../../contracts/language.ts";
import { normalise } from "./text.ts";
import { contentTokens, stem } from "./tokens.ts";

/**
 * Words that state the opposite of each other, as stems (en) and substrings (zh). Kept to pairs that are opposites in
 * most subjects; words with many senses ("light", "right", "positive") stay out.
 */
const opposites: Record<Language, readonly (readonly [string, string])[]> = {
  en: words(`same:different same:separate same:own same:opposite connected:disconnected connected:separated connected:unconnected open:closed open:complete complete:incomplete
    complete:broken increase:decrease rise:fall rose:fell more:less more:fewer higher:lower high:low faster:slower fast:slow before:after first:last
    start:end begin:end always:never everything:nothing all:none with:without inside:outside internal:external public:private static:dynamic
    success:failure succeed:fail accept:reject allow:forbid allow:prevent better:worse best:worst improve:worsen improve:degrade mutable:immutable
    cheap:expensive large:small larger:smaller larger:shorter big:small long:short longer:shorter many:few single:multiple serial:parallel
    safe:unsafe stable:unstable necessary:unnecessary possible:impossible equal:unequal together:apart ordered:unordered sorted:unsorted
    include:exclude contain:exclude attract:repel absorb:release gain:lose win:lose hard:soft hot:cold warm:cool heat:cool wet:dry
    maximum:minimum most:least ascending:descending synchronous:asynchronous hire:dismiss agree:disagree polite:rude listen:interrupt`),
  "zh-CN":
    words(`相同:不同 一样:不同 相等:不等 增加:减少 提高:降低 上升:下降 升高:降低 变快:变慢 加快:减慢 快:慢 大:小 多:少 高:低 长:短 强:弱 好:坏 新:旧
    之前:之后 以前:以后 开始:结束 成功:失败 允许:禁止 接受:拒绝 同意:反对 内部:外部 静态:动态 同步:异步 连接:断开 打开:关闭 开路:闭路
    便宜:昂贵 安全:危险 稳定:不稳定 完整:不完整 有序:无序 可变:不可变 传统:现代 集中:分散 直接:间接 主动:被动 固定:活动 定期:不定期
    长期:短期 长距离:短距离 国内:国际 公有:私有 对称:不对称 统一:分散 必要:不必要 有利:不利 倾听:打断 道歉:指责`),
};

function words(list: string): [string, string][] {
  return list
    .trim()
    .split(/\s+/)
    .map((pair) => {
      const [left = "", right = ""] = pair.split(":");
      return [/^\p{Script=Han}/u.test(left) ? left : stem(left), /^\p{Script=Han}/u.test(right) ? right : stem(right)];
    });
}

const opposedTo = new Map<string, Set<string>>();
for (const [left, right] of opposites.en) {
  opposedTo.set(left, (opposedTo.get(left) ?? new Set()).add(right));
  opposedTo.set(right, (opposedTo.get(right) ?? new Set()).add(left));
}

const englishNegation = new Set([
  "not",
  "no",
  "never",
  "neither",
  "none",
  "nothing",
  "nobody",
  "without",
  "cannot",
  "hardly",
  "barely",
  "nowhere",
]);
const negatedAuxiliary = /^(?:do|does|did|is|are|was|were|have|has|had|wo|would|ca|could|should|must|ai)n'?t$/;

const isNegation = (word: string): boolean => englishNegation.has(word) || negatedAuxiliary.test(word);

/** Chinese negation, without the words in which 不, 没, 无 or 非 negates nothing ("不仅", "不断", "没关系", "非常"). */
const harmless =
  /不同|不等|不稳|不完整|不可变|不定期|不对称|不必要|不利|不满|不好意思|不仅|不但|不断|不只|不光|不错|不得不|不管|不论|不过|不久|差不多|要不|是不是|能不能|会不会|有没有|好不好|没关系|无论|无线|无疑|非常|非要|并非不|未来|未必不|特别|分别|区别|个别|类别|级别|性别/gu;
const chineseNegation =
  /没有|没能|没法|从没|从来不|从不|并不|并非|不是|不会|不能|不可|不再|不用|不需要|不想|不愿|不|没|未|无法|无|非|别|缺乏|拒绝/gu;

/**
 * Whether what stands at `at` of a normalised text is negated: an odd count of negations in the same clause before it,
 * within 8 characters (zh) or 7 words (en): "没有做压测", "did not run any load tests".
 */
export function negatedAt(folded: string, at: number): boolean {
  const before =
    folded
      .slice(0, at)
      .split(/[，,。.；;！!？?、：:]|\bbut\b|但是|但|而是|不过/u)
      .at(-1) ?? "";
  const chinese = (before.slice(-8).replace(harmless, "　").match(chineseNegation) ?? []).length;
  const english = (before.match(/[a-z][a-z']*/g) ?? []).slice(-7).filter(isNegation).length;
  return (chinese + english) % 2 === 1;
}

/** Share of a reference clause that has to stand in the answer before the two are compared for contradiction. */
const restated = 0.5;

/** How an answer's clause stands to a reference's. */
export type Stance = "agrees" | "opposes" | "silent";

/**
 * Whether `answer` states the opposite of `reference`, two clauses that say nearly the same in other respects: at least
 * half of the reference's content stands in the answer, as it is or as its opposite. Then a negation that only one of
 * them has, of something both speak of, and an opposite word ("same" for "different") each turn the claim round, and
 * both together turn it back ("not different" is "same"). "silent" where the two cannot be compared so, or nothing is
 * turned.
 */
export function stance(answer: string, reference: string, language: Language): Stance {
  const wanted = new Set(contentTokens(reference, language));
  const said = new Set(contentTokens(answer, language));
  const opposite = language === "en" ? turnedEnglish(said, wanted) : turnedChinese(answer, reference);
  if (wanted.size === 0 || keptOf(said, wanted, opposite) < restated) return "silent";
  const shared = (other: ReadonlySet<string>) => (word: string) =>
    other.has(word) ||
    (loneHan.test(word) && [...other].some((one) => one.includes(word))) ||
    [...(opposedTo.get(word) ?? [])].some((one) => other.has(one)) ||
    opposite.has(word);
  const here = negations(answer, wanted);
  const there = negations(reference, said);
  const both = here.length > 0 && there.length > 0;
  const count = both
    ? here.length - there.length
    : here.filter(shared(wanted)).length - there.filter(shared(said)).length;
  if (opposite.size === 0 && count % 2 === 0) return "silent";
  return opposite.size > 0 !== (count % 2 !== 0) ? "opposes" : "agrees";
}

const keptOf = (said: ReadonlySet<string>, wanted: ReadonlySet<string>, opposite: ReadonlySet<string>): number =>
  [...wanted].filter((token) => said.has(token) || opposite.has(token)).length / Math.max(1, wanted.size);

/** Whether `answer` opposes, among the clauses of a reference, the one it restates most; none of equal rank may agree. */
export function opposesAny(answer: string, parts: readonly string[], language: Language): boolean {
  const said = new Set(contentTokens(answer, language));
  const ranked = parts.map((part) => {
    const wanted = new Set(contentTokens(part, language));
    const opposite = language === "en" ? turnedEnglish(said, wanted) : turnedChinese(answer, part);
    return { part, kept: keptOf(said, wanted, opposite) };
  });
  const most = Math.max(0, ...ranked.map((one) => one.kept));
  const nearest = ranked.filter((one) => one.kept >= most - 1e-9);
  return nearest.length > 0 && nearest.every((one) => stance(answer, one.part, language) === "opposes");
}

/** Whether one of two clauses denies and the other does not, which a sentence vector hardly shows. */
export function differInNegation(answer: string, reference: string): boolean {
  return (negations(answer).length - negations(reference).length) % 2 !== 0;
}

/** Words of the reference that the answer says by a negated opposite ("not different" for "same"). */
export function turnedWords(answer: string, reference: string, language: Language): ReadonlySet<string> {
  if (stance(answer, reference, language) !== "agrees") return new Set();
  const wanted = new Set(contentTokens(reference, language));
  return language === "en"
    ? turnedEnglish(new Set(contentTokens(answer, language)), wanted)
    : turnedChinese(answer, reference);
}

/** The reference's words whose opposite, and not themselves, stand in the answer. */
function turnedEnglish(said: ReadonlySet<string>, wanted: ReadonlySet<string>): Set<string> {
  const turned = (word: string) =>
    !said.has(word) && [...(opposedTo.get(word) ?? [])].some((one) => said.has(one) && !wanted.has(one));
  return new Set([...wanted].filter(turned));
}

/** The same in Chinese: the pairs of characters that hold such a word. */
function turnedChinese(answer: string, reference: string): Set<string> {
  const said = normalise(answer);
  const wanted = normalise(reference);
  const found = new Set<string>();
  for (const [left, right] of opposites["zh-CN"])
    for (const [word, opposite] of [
      [left, right],
      [right, left],
    ] as const) {
      if (
        !lone(wanted, word, opposite) ||
        !lone(said, opposite, word) ||
        lone(said, word, opposite) ||
        lone(wanted, opposite, word)
      )
        continue;
      for (const token of contentTokens(reference, "zh-CN"))
        if ([...word].some((character) => token.includes(character))) found.add(token);
    }
  return found;
}

/** Whether `word` stands in a text outside of `other` ("相等" outside of "不相等"). */
function lone(text: string, word: string, other: string): boolean {
  return (other.includes(word) ? text.replaceAll(other, "　") : text).includes(word);
}

const loneHan = /^\p{Script=Han}$/u;

/**
 * The negations of a text, each as the unit of content that follows it; "" where none does. A word that negates and is
 * the opposite of one in `other` ("never" against "always") counts as the opposite only.
 */
function negations(text: string, other: ReadonlySet<string> = new Set()): string[] {
  const folded = normalise(text).replace(harmless, (match) => "　".repeat(match.length));
  const found = [...folded.matchAll(chineseNegation)].map((match) => {
    const from = match.index + match[0].length;
    return contentTokens(folded.slice(from, from + 4).replace(/^[有做到能会过]+/u, ""), "zh-CN")[0] ?? "";
  });
  let pending = 0;
  for (const word of folded.match(/[\p{Script=Latin}\p{N}][\p{Script=Latin}\p{N}'+#-]*/gu) ?? []) {
    if (isNegation(word)) {
      if (![...(opposedTo.get(stem(word)) ?? [])].some((one) => other.has(one))) pending += 1;
      continue;
    }
    const [content] = contentTokens(word, "en");
    if (content === undefined) continue;
    for (; pending > 0; pending -= 1) found.push(content);
  }
  for (; pending > 0; pending -= 1) found.push("");
  return found;
}
