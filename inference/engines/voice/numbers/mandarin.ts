const digits = "零一二三四五六七八九";
const places = ["", "十", "百", "千"];
const groups = ["", "万", "亿", "万亿"];
/** Sixteen digits are the most that the groups have names for. */
const mostDigits = 16;

const digitByDigit = (text: string): string => [...text].map((one) => digits[Number(one)] ?? "").join("");

/** Up to four digits. Zeros between are said once; those at the end are not said. */
function group(text: string): string {
  let said = "";
  for (const [at, one] of [...text].entries()) {
    const place = places[text.length - 1 - at] ?? "";
    if (one !== "0") said += `${digits[Number(one)]}${place}`;
    else if (/[1-9]/.test(text.slice(at + 1)) && said !== "" && !said.endsWith("零")) said += "零";
  }
  return said;
}

/** A whole number in words: 10005 is 一万零五. One that begins with 0, or is longer than any name, is read digit by digit. */
function whole(text: string): string {
  if (text.length > mostDigits || (text.startsWith("0") && text.length > 1)) return digitByDigit(text);
  if (text === "0") return "零";
  let said = "";
  for (let end = text.length, at = 0; end > 0; end -= 4, at++) {
    const part = text.slice(Math.max(0, end - 4), end);
    const words = group(part.replace(/^0+/, ""));
    // A zero is said, once, where a group is empty or does not fill its thousands.
    if (words === "") said = said === "" || said.startsWith("零") ? said : `零${said}`;
    else said = `${part.startsWith("0") ? "零" : ""}${words}${groups[at]}${said}`;
  }
  return said.replace(/^一十/, "十");
}

/** 3.5 is 三点五; 3.5.1, a version, is 三点五点一. */
function plain(text: string): string {
  const [first = "", ...rest] = text.replaceAll(",", "").split(".");
  return [whole(first), ...rest.map(digitByDigit)].join("点");
}

/** Two of something that is counted is 两. */
const counted = /^(?:个|位|名|次|种|天|周|年|条|件|项|家|台|份|轮|遍|步|段|倍|分钟|小时|秒|人)/;
const number = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*`;
const spelled = new RegExp(
  String.raw`(?<![A-Za-z\d.])([-−])?(${number})(?:\s*[-–~～]\s*(${number}))?(?:\/(\d+))?\s*([%％])?(?=(.{0,2}))`,
  "gsu",
);

/**
 * Spells the numbers of a Mandarin text as they are read aloud: whole numbers, decimals, percent, years (2024年 digit by
 * digit), ranges and simple fractions. A number that belongs to a Latin word (MP4) stays as it is.
 */
export function spellMandarin(text: string): string {
  return text.replace(
    spelled,
    (
      all: string,
      minus: string | undefined,
      from: string,
      to: string | undefined,
      over: string | undefined,
      percent: string | undefined,
      next: string,
    ) => {
      const tail = /\s$/.test(all) ? " " : "";
      const year = next.startsWith("年") && /^\d{4}$/.test(to ?? from);
      const say = (one: string): string => (year && one.length === 4 ? digitByDigit(one) : plain(one));
      const last = to ?? from;
      const words =
        last === "2" && percent === undefined && over === undefined && counted.test(next) ? "两" : say(last);
      const range = to === undefined ? words : `${say(from)}到${words}`;
      const part = over === undefined ? range : `${plain(over)}分之${range}`;
      return `${minus === undefined ? "" : "负"}${percent === undefined ? "" : "百分之"}${part}${tail}`;
    },
  );
}
