import t from "tap";
import { clauses, lengthOf, normalise } from "./text.ts";
import { contentTokens, stem } from "./tokens.ts";

t.test("clauses are literal parts of the text, in order, in both languages", (t) => {
  const zh = "首先，我去年用Redis缓存热点数据，P99从2.5秒降到200毫秒。后来没有问题！";
  t.same(
    clauses(zh, "zh-CN").map((one) => one.text),
    ["首先，我去年用Redis缓存热点数据，", "P99从2.5秒降到200毫秒。", "后来没有问题！"],
  );
  const en = "First, I ran tests. Then latency fell to 1.5 s, which was good";
  for (const [text, language] of [
    [zh, "zh-CN"],
    [en, "en"],
  ] as const)
    for (const one of clauses(text, language)) t.equal(text.slice(one.start, one.end), one.text);
  t.end();
});

t.test("a long run without punctuation is cut into parts that make up the whole", (t) => {
  for (const [text, language] of [
    ["我们把系统拆开了".repeat(30), "zh-CN"],
    ["we took the system apart and ".repeat(40), "en"],
  ] as const) {
    const parts = clauses(text, language);
    t.ok(parts.length > 3);
    for (const one of parts) t.ok(lengthOf(one.text) <= 41);
    t.equal(
      parts
        .map((one) => one.text)
        .join("")
        .replace(/\s/g, ""),
      text.replace(/\s/g, ""),
    );
  }
  t.same(clauses("。。。 ", "zh-CN"), []);
  t.end();
});

t.test("width, case and traditional characters do not matter", (t) => {
  t.equal(normalise("ＲＥＤＩＳ　緩存　１２０"), "redis 缓存 120");
  t.end();
});

t.test("inflections meet in one stem, and no word becomes a negation", (t) => {
  const alike = [
    ["connected", "connection", "connects", "connecting"],
    ["load", "loads"],
    ["worries", "worry"],
    ["stages", "stage"],
    ["used", "using", "use"],
  ];
  for (const words of alike) t.equal(new Set(words.map(stem)).size, 1, words.join());
  t.not(stem("noted"), "not");
  t.same(contentTokens("这是压测的方法", "zh-CN"), ["压测", "方法"]);
  t.end();
});
