const ones =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const groups = ["", " thousand", " million", " billion", " trillion"];
const mostDigits = 15;
const irregular: Readonly<Record<string, string>> = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
};

const digitByDigit = (text: string): string => [...text].map((one) => ones[Number(one)] ?? "").join(" ");

function belowHundred(value: number): string {
  if (value < 20) return ones[value] ?? "";
  const [ten = "", one] = [tens[Math.floor(value / 10)], value % 10];
  return one === 0 ? ten : `${ten}-${ones[one]}`;
}

function belowThousand(value: number): string {
  const rest = value % 100;
  if (value < 100) return belowHundred(value);
  const hundreds = `${ones[Math.floor(value / 100)]} hundred`;
  return rest === 0 ? hundreds : `${hundreds} and ${belowHundred(rest)}`;
}

/** A whole number in words. One that begins with 0, or is longer than any name, is read digit by digit. */
function whole(text: string): string {
  if (text.length > mostDigits || (text.startsWith("0") && text.length > 1)) return digitByDigit(text);
  if (/^0+$/.test(text)) return "zero";
  const words: string[] = [];
  for (let end = text.length, at = 0; end > 0; end -= 3, at++) {
    const value = Number(text.slice(Math.max(0, end - 3), end));
    if (value === 0) continue;
    const link = at === 0 && value < 100 && text.length > 3 ? "and " : "";
    words.unshift(`${link}${belowThousand(value)}${groups[at]}`);
  }
  return words.join(" ");
}

/** 3.5 is "three point five"; 3.5.1, a version, "three point five point one". */
function plain(text: string): string {
  const [first = "", ...rest] = text.replaceAll(",", "").split(".");
  return [whole(first), ...rest.map(digitByDigit)].join(" point ");
}

/** 1995, 2024, 2008 and 1900 as one names a year. */
function year(text: string): string {
  const [century, rest] = [Number(text.slice(0, 2)), Number(text.slice(2))];
  if (text.startsWith("200")) return whole(text);
  if (rest === 0) return `${belowHundred(century)} hundred`;
  return `${belowHundred(century)} ${rest < 10 ? `oh ${ones[rest]}` : belowHundred(rest)}`;
}

function ordinal(text: string): string {
  const words = whole(text);
  const [last = ""] = /[a-z]+$/.exec(words) ?? [];
  const root = words.slice(0, words.length - last.length);
  return root + (irregular[last] ?? (last.endsWith("y") ? `${last.slice(0, -1)}ieth` : `${last}th`));
}

const beforeYear = /\b(?:in|since|by|before|after|until|from|during|year|of|and|to|through)\s+$/i;
const isYear = (text: string, before: string): boolean => /^(?:1[5-9]|20)\d\d$/.test(text) && beforeYear.test(before);

const number = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*`;
const spelled = new RegExp(
  String.raw`(?<![\w.$€£¥])([-−])?(${number})(?:(st|nd|rd|th)\b)?(?:\s?[-–]\s?(${number}))?(\s?%)?(?=([A-Za-z])?)`,
  "gu",
);

/**
 * Spells the numbers of an English text as they are read aloud: whole numbers, decimals, percent, ordinals, ranges, and
 * years where the word before says that it is one. Sums of money and numbers within a word stay as they are.
 */
export function spellEnglish(text: string): string {
  return text.replace(
    spelled,
    (
      _all: string,
      minus: string | undefined,
      from: string,
      rank: string | undefined,
      to: string | undefined,
      percent: string | undefined,
      letter: string | undefined,
      at: number,
    ) => {
      const dated = isYear(from, text.slice(0, at));
      const say = (one: string): string => (dated && one.length === 4 ? year(one) : plain(one));
      const first = rank === undefined ? say(from) : ordinal(from);
      const range = to === undefined ? first : `${first} to ${say(to)}`;
      const unit = percent === undefined ? "" : " percent";
      return `${minus === undefined ? "" : "minus "}${range}${unit}${letter === undefined ? "" : " "}`;
    },
  );
}
