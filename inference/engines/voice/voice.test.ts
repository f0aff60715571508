import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { run } from "../../../runtime/subprocess.ts";
import { pieces } from "../voice.ts";
import { espeak } from "./espeak.ts";
import { pinyinOf, readSyllables } from "./mandarin.ts";
import { readArray } from "./npz.ts";
import { phonemesOf } from "./phonemes.ts";
import { runsOf, sentences } from "./script.ts";

const never = new AbortController().signal;

t.test("cuts sentences at their marks, and not at a point within a word or number", async (t) => {
  t.strictSame(sentences("你好。用 Node.js 3.5 吗？ Yes! ——"), ["你好。", "用 Node.js 3.5 吗？", "Yes!"]);
  t.strictSame(sentences("…。\n"), []);
});

t.test("cuts a sentence where the script changes; marks stay with what is before them", async (t) => {
  t.strictSame(runsOf("请说 API，好", "zh-CN"), [
    { language: "zh-CN", text: "请说 " },
    { language: "en", text: "API，" },
    { language: "zh-CN", text: "好" },
  ]);
  t.strictSame(runsOf("“Why?”", "en"), [{ language: "en", text: "“Why?”" }]);
});

t.test("reads Mandarin with its tones, by syllable, and numbers as words", async (t) => {
  const syllables = await readSyllables();
  t.strictSame(await phonemesOf("你好，世界！", "zh-CN", syllables), ["ni↗ xau↓, ʂɨ↘ ʨje↘!"]);
  t.strictSame(
    await phonemesOf("有2个。", "zh-CN", syllables),
    await phonemesOf("有两个。", "zh-CN", syllables),
    "two of something",
  );
  t.match(await phonemesOf("女律师", "zh-CN", syllables), [/^ny↓/], "ü has its own sound");
});

t.test("has a sound for every syllable that the readings of common characters have", async (t) => {
  const syllables = await readSyllables();
  const missing: string[] = [];
  // GB 2312, level 1: the 3755 characters in common use stand in rows 16 to 55.
  const common = new TextDecoder("gb18030");
  for (let row = 16; row <= 55; row++)
    for (let column = 1; column <= (row === 55 ? 89 : 94); column++) {
      const character = common.decode(Uint8Array.of(0xa0 + row, 0xa0 + column));
      if ((await phonemesOf(character, "zh-CN", syllables)).length === 0)
        missing.push(`${character} ${pinyinOf(character)}`);
    }
  t.strictSame(missing, []);
});

t.test("reads English in the signs that the voice was trained on, also within Mandarin", async (t) => {
  const syllables = await readSyllables();
  t.strictSame(await phonemesOf("Why 2 of them?", "en", syllables), ["wˌI tˈu ʌv ðˌɛm?"]);
  const [mixed = ""] = await phonemesOf("用过Redis吗？", "zh-CN", syllables);
  t.match(mixed, /^jʊ↘ŋ .*ɹ.*dˈiz ma?/);
  const [word = ""] = await phonemesOf("Node.js", "en", syllables);
  t.notMatch(word, /\./, "a point within a word is no pause");
});

t.test("cuts what is too long for one run behind a mark, else behind a word, and loses nothing", async (t) => {
  const long = `${"ab ".repeat(30)}cd, ${"ef ".repeat(20)}`.trim();
  const cut = pieces(long, 100);
  t.match(cut[0], /cd,$/);
  t.equal(cut.join(" "), long);
  t.strictSame(pieces("abcdef", 4), ["abcd", "ef"], "where there is neither");
});

t.test("reads an array of an .npz, stored or packed, and refuses another kind", async (t) => {
  const path = join(t.testdir(), "voices.npz");
  const script = `
import struct, sys, zipfile
def npy(kind, values):
    head = ("{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }" % (kind, len(values))).ljust(117) + chr(10)
    return b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack("<%d%s" % (len(values), "f" if kind == "<f4" else "d"), *values)
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("a.npy", npy("<f4", [0.5, -2.0, 3.0]), zipfile.ZIP_STORED)
    z.writestr("b.npy", npy("<f4", [1.0] * 300), zipfile.ZIP_DEFLATED)
    z.writestr("c.npy", npy("<f8", [1.0]), zipfile.ZIP_STORED)
`;
  await writeFile(`${path}.py`, script);
  await run("python3", [`${path}.py`, path]);
  t.strictSame([...(await readArray(path, "a"))], [0.5, -2, 3]);
  t.equal((await readArray(path, "b")).length, 300);
  await t.rejects(readArray(path, "c"), { code: "file.unreadable", message: /single precision/ });
  await t.rejects(readArray(path, "d"), { code: "file.unreadable", message: /no member/ });
});

t.test("the last resort speaks both languages; Mandarin as pinyin, which it can read", async (t) => {
  t.equal(pinyinOf("请讲 3 次"), "qing3 jiang3 3 ci4");
  for (const [text, language] of [
    ["为什么？", "zh-CN"],
    ["Why?", "en"],
  ] as const) {
    const wav = Buffer.from(await espeak(text, language, never));
    t.equal(wav.toString("latin1", 0, 4), "RIFF");
    t.ok(wav.length > 10_000, `${language}: ${wav.length} bytes`);
  }
});
