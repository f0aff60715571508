import t from "tap";
import { spellEnglish } from "./english.ts";
import { spellMandarin } from "./mandarin.ts";

const table = (
  t: { equal(found: string, wanted: string, message: string): unknown },
  spell: (text: string) => string,
  rows: Record<string, string>,
): void => {
  for (const [text, said] of Object.entries(rows)) t.equal(spell(text), said, text);
};

t.test("spells Mandarin whole numbers with their zeros", async (t) => {
  table(t, spellMandarin, {
    "0": "零",
    "7": "七",
    "10": "十",
    "15": "十五",
    "20": "二十",
    "100": "一百",
    "105": "一百零五",
    "110": "一百一十",
    "1000": "一千",
    "1005": "一千零五",
    "1050": "一千零五十",
    "10005": "一万零五",
    "10500": "一万零五百",
    "15000": "一万五千",
    "100050": "十万零五十",
    "1000000": "一百万",
    "20030004": "二千零三万零四",
    "100000000": "一亿",
    "100050000": "一亿零五万",
    "100005000": "一亿零五千",
    "100000005": "一亿零五",
    "1,250,000": "一百二十五万",
    "007": "零零七",
    "12345678901234567": "一二三四五六七八九零一二三四五六七",
  });
});

t.test("spells Mandarin decimals, percent, years, ranges, fractions and what is counted", async (t) => {
  table(t, spellMandarin, {
    "提升了3.5倍": "提升了三点五倍",
    "下降12.5%": "下降百分之十二点五",
    "准确率99％": "准确率百分之九十九",
    在2024年上线: "在二零二四年上线",
    "2019-2021年": "二零一九到二零二一年",
    "3~5个人": "三到五个人",
    "2个系统": "两个系统",
    "12个": "十二个",
    "2月": "二月",
    第2题: "第二题",
    "零下-5度": "零下负五度",
    "三分之一是1/3": "三分之一是三分之一",
    "版本3.5.1": "版本三点五点一",
    MP4文件: "MP4文件",
    "100MB内存": "一百MB内存",
  });
});

t.test("spells English whole numbers, decimals, percent, ordinals and ranges", async (t) => {
  table(t, spellEnglish, {
    "0": "zero",
    "13": "thirteen",
    "21": "twenty-one",
    "100": "one hundred",
    "105": "one hundred and five",
    "1005": "one thousand and five",
    "1,250,000": "one million two hundred and fifty thousand",
    "1000001": "one million and one",
    "007": "zero zero seven",
    "3.5 times": "three point five times",
    "by 12.5%": "by twelve point five percent",
    "3-5 people": "three to five people",
    "the 1st, 2nd, 3rd, 20th and 21st": "the first, second, third, twentieth and twenty-first",
    "-5 degrees": "minus five degrees",
    "version 3.5.1": "version three point five point one",
    "100MB": "one hundred MB",
    "MP4 and $5": "MP4 and $5",
  });
});

t.test("reads an English number as a year only where the word before says so", async (t) => {
  table(t, spellEnglish, {
    "in 1995": "in nineteen ninety-five",
    "since 2024": "since twenty twenty-four",
    "in 2008": "in two thousand and eight",
    "in 1905": "in nineteen oh five",
    "by 1900": "by nineteen hundred",
    "1995 requests": "one thousand nine hundred and ninety-five requests",
  });
});
