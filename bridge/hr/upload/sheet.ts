import { type Language, languages } from "../../../contracts/language.ts";
import type { Said } from "../../../runtime/sheets/cells.ts";
import { column, type RowOf, said, sheet } from "../../../runtime/sheets/columns.ts";
import * as forms from "../../../runtime/sheets/forms.ts";

const idWords = said(
  "请用 1 到 64 个英文字母、数字、_ 或 -，以字母或数字开头",
  "use 1 to 64 of A-Z a-z 0-9 _ -, beginning with a letter or digit",
);
const opaque = forms.patterned(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/u, idWords);
const nameOf = forms.patterned(/^.{1,200}$/su, said("请用 1 到 200 个字符", "use 1 to 200 characters"));

const momentWords = (shown: string): { wrong: Said } => ({
  wrong: said(
    `${JSON.stringify(shown)} 不是时间；请写成 2026-12-01 09:00`,
    `is ${JSON.stringify(shown)}; write a time such as 2026-12-01 09:00`,
  ),
});

/** The day exists: no 31st of February, which a date would carry over to March. */
const isDay = (day: string): boolean => {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
};

/** A time with its offset from UTC, or one without that is read at `offset` (`+08:00`), as RFC 3339. */
function momentOf(text: string, offset: string): string | undefined {
  const found =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(Z|[+-]\d{2}:\d{2})?$/u.exec(text);
  if (found === null) return undefined;
  const two = (part: string | undefined): string => (part ?? "0").padStart(2, "0");
  const [, year, month, day, hour, minute, second, zone = offset] = found;
  const date = `${year}-${two(month)}-${two(day)}`;
  const written = `${date}T${two(hour)}:${two(minute)}:${two(second)}${zone}`;
  return isDay(date) && !Number.isNaN(Date.parse(written)) ? written : undefined;
}

/** A cell of a date holds the time as it is shown, without a zone. */
const moment = (offset: string): forms.Form<string> => ({
  read: (cell) => {
    const text = cell instanceof Date ? cell.toISOString().slice(0, 19) : String(cell).trim();
    const value = momentOf(text, offset);
    return value === undefined ? momentWords(text) : { value };
  },
  write: (value) => value,
});

/** The sheet of orders: one candidate a row. Times without an offset are those of `offset`. */
export const orderSheet = (offset: string) =>
  sheet({
    name: said("面试安排", "Orders"),
    also: ["订单", "候选人", "candidates", "interviews", "sheet1", "工作表1", "csv"],
    columns: {
      application: column(nameOf, said("应聘编号", "Application"), {
        also: ["申请编号", "application id", "应聘号"],
        about: said("这次应聘的编号，每行不同", "id of the application, another one in each row"),
        required: true,
        width: 18,
      }),
      name: column(nameOf, said("姓名", "Name"), {
        also: ["候选人姓名", "candidate", "candidate name"],
        about: said("候选人姓名", "the candidate's name"),
        required: true,
        width: 18,
      }),
      candidate: column(nameOf, said("候选人编号", "Candidate ID"), {
        also: ["人员编号"],
        about: said("候选人的编号；不填则用应聘编号", "id of the candidate; empty: that of the application"),
        width: 18,
      }),
      vacancy: column(opaque, said("岗位编号", "Vacancy"), {
        also: ["岗位", "职位编号", "vacancy id", "requisition"],
        about: said("已在中心登记的岗位", "a vacancy that the centre knows"),
        required: true,
        width: 18,
      }),
      device: column(opaque, said("设备编号", "Device"), {
        also: ["设备", "device id"],
        about: said(
          "在哪台设备面试；不填则用岗位的设备",
          "where the interview takes place; empty: the vacancy's device",
        ),
        width: 18,
      }),
      language: column(
        forms.oneOf<Language>({ "zh-CN": ["中文", "zh", "普通话"], en: ["英文", "english", "英语"] }),
        said("语言", "Language"),
        { about: said("zh-CN 或 en；不填则用岗位的语言", "zh-CN or en; empty: the vacancy's language") },
      ),
      notBefore: column(moment(offset), said("最早时间", "Not before"), {
        also: ["开始时间", "from"],
        about: said("从何时起可以面试，例如 2026-12-01 09:00", "from when the candidate may come: 2026-12-01 09:00"),
        width: 20,
      }),
      expiresAt: column(moment(offset), said("截止时间", "Until"), {
        also: ["有效期", "结束时间", "expires", "expires at"],
        about: said(
          "最晚何时面试；不填则用岗位的天数",
          "until when the candidate may come; empty: by the vacancy's days",
        ),
        width: 20,
      }),
      factor: column(forms.number({ least: 1, most: 5 }), said("时间倍数", "Time factor"), {
        also: ["答题时间倍数", "accommodation"],
        about: said(
          "需要照顾时，答题时间的倍数，1 到 5",
          "where agreed, how many times as long answers may last, 1 to 5",
        ),
      }),
    },
  });
export type OrderSheet = ReturnType<typeof orderSheet>;
export type OrderSheetRow = RowOf<OrderSheet["columns"]>;
export type OrderColumn = keyof OrderSheet["columns"];

/** A row to be overwritten, by the words of each language. */
export const exampleRow = (language: Language): OrderSheetRow => ({
  application: "A-1001",
  name: language === "en" ? "Ming Li" : "李明",
  candidate: "C-2001",
  vacancy: "backend-engineer",
  device: "device-1",
  language: languages[0],
  notBefore: "2030-12-01 09:00",
  expiresAt: "2030-12-05 18:00",
});
