import { Jieba } from "@node-rs/jieba";
import { dict } from "@node-rs/jieba/dict.js";
import { normalise } from "./text.ts";
import userWords from "./userWords.json" with { type: "json" };

/** How often a word of ours counts as seen; jieba's own words of that length lie below it, so that ours stay whole. */
const frequency = 10_000;

let segmenter: Jieba | undefined;

/** Opened with the first Chinese text: the dictionary takes a second and 60 MB, which an English interview does not need. */
function opened(): Jieba {
  if (segmenter !== undefined) return segmenter;
  segmenter = Jieba.withDict(dict);
  segmenter.loadDict(new TextEncoder().encode(userWords.map((word) => `${word} ${frequency} n\n`).join("")));
  return segmenter;
}

/** Words that join or mark, and say nothing of their own. */
const functionWords = new Set(
  `的 了 呢 吗 吧 啊 呀 着 地 得 是 有 和 与 及 或 等 为 在 把 被 将 对 于 对于 以 而 并 且 就 也 都 还 很 这 那 其 之 个 一个 几 些 一些
  什么 哪些 哪 怎么 怎样 如何 因为 所以 如果 但是 而且 以及 或者 并且 可以 能够 我们 它们 他们 它 他 她 我 你 您 包括 具有 由于 通过 进行 称为
  指 使 从 到 中 上 下 里 时 会 能 要 让 给 去 来 做 又 再 更 最 则 该 此 各 某 即 如 例如 比如 这个 那个 这样 那样 这些 那些 一种 主要 以下`.split(
    /\s+/,
  ),
);

/** The Chinese words of a text in order that say something, simplified; by jieba's dictionary, our own words and its model for unknown ones. */
export function chineseWords(text: string): string[] {
  return opened()
    .cut(normalise(text), true)
    .filter((word) => /^\p{Script=Han}+$/u.test(word) && !functionWords.has(word));
}
