import { asFault, Fault, type FaultCode } from "../../../contracts/fault.ts";
import type { Language } from "../../../contracts/language.ts";
import { accommodation } from "../../../contracts/order.ts";
import type { Vacancy } from "../../../contracts/vacancy.ts";
import { BadCells } from "../../../runtime/sheets/badCells.ts";
import { cellName, type Problem, type RawSheet, type Said } from "../../../runtime/sheets/cells.ts";
import { said } from "../../../runtime/sheets/columns.ts";
import { type Found, isNamed, readTable } from "../../../runtime/sheets/table.ts";
import type { Caller } from "../access.ts";
import { type Application, keepApplications, prepareApplication, type Taken } from "../applications.ts";
import type { IssueOptions } from "../issue.ts";
import { vacanciesOf } from "../vacancies.ts";
import { readUpload } from "./read.ts";
import { type OrderColumn, type OrderSheet, orderSheet } from "./sheet.ts";

export type UploadOptions = { dryRun: boolean; language: Language; offset: string };
export type UploadedOrder = {
  application: string;
  orderId: string;
  revision: number;
  outcome: "new" | "same" | "supersede";
};
export type Uploaded = { dryRun: boolean; new: number; superseded: number; same: number; orders: UploadedOrder[] };

/** A file with more is sent in parts: each order carries its whole rubric, and all are kept in one transaction. */
export const mostRows = 500;
export const uploadSource = "upload";

type Row = Found<OrderSheet["columns"]>;

/** The sheet of orders; a single one may be called as it likes. */
function pickSheet(sheets: readonly RawSheet[], kind: OrderSheet): RawSheet {
  const filled = sheets.filter(({ data }) => data.some((row) => row.some((cell) => cell !== null && cell !== "")));
  const found = filled.find((one) => isNamed(one.name, kind)) ?? (filled.length === 1 ? filled[0] : undefined);
  if (found === undefined)
    throw new Fault(
      "file.unreadable",
      `the file has no sheet ${kind.name.en} (${kind.name["zh-CN"]}): use the template`,
    );
  return found;
}

const unknownVacancy = (id: string, known: Iterable<string>): Said => {
  const some = [...known].slice(0, 10);
  return said(
    `岗位 ${JSON.stringify(id)} 未登记；${some.length === 0 ? "请先登记岗位" : `可用的有：${some.join("、")}`}`,
    `the vacancy ${JSON.stringify(id)} is not known here; ${some.length === 0 ? "set it up first" : `there are ${some.join(", ")}`}`,
  );
};
const twice = (first: string): Said =>
  said(`与 ${first} 的编号相同；请删去一行，或改正编号`, `is the same as in ${first}; delete a row or correct the id`);

function applicationOf({ row }: Row, vacancy: Vacancy): Application {
  const { application = "", name = "", candidate = application, factor } = row;
  return {
    ...{ source: uploadSource, applicationId: application, vacancyId: row.vacancy ?? "", vacancy, name },
    candidate: [{ system: uploadSource, type: "candidate", id: candidate }],
    external: [{ system: uploadSource, type: "application", id: application }],
    language: row.language,
    deviceId: row.device,
    accommodation: factor === undefined ? undefined : accommodation.parse({ answerLimitFactor: factor }),
    ...{ notBefore: row.notBefore, expiresAt: row.expiresAt },
  };
}

const columnOfField: Readonly<Record<string, OrderColumn>> = {
  deviceId: "device",
  notBefore: "notBefore",
  expiresAt: "expiresAt",
  branch: "vacancy",
};

/** What an order was refused for, as a person at the sheet can mend it. */
const refusals: Partial<Record<FaultCode, Said>> = {
  "order.otherDevice": said(
    "这份订单已发往另一台设备；请先取消原订单，或改回原设备",
    "this order went to another device; cancel it first, or name that device",
  ),
  "order.finished": said(
    "这次面试已经开始或结束；请删去这一行，重考请用新的应聘编号",
    "this interview has begun or ended; delete the row, or give another application id for a second one",
  ),
  "order.cancelled": said(
    "这份订单已取消；请删去这一行，或用新的应聘编号",
    "this order was cancelled; delete the row, or give another application id",
  ),
  "token.scope": said(
    "您的令牌无权用于此分支；请更换岗位或令牌",
    "your token does not reach this branch; name another vacancy",
  ),
};

function sayRefusal(fault: Fault): Said {
  const known = refusals[fault.code];
  if (known !== undefined) return known;
  if (fault.field === "expiresAt") return said("截止时间已过；请改为将来的时间", "lies in the past; give a later time");
  if (fault.field === "notBefore")
    return said("最早时间不早于截止时间；请改正其一", "is not before the end; correct one of them");
  if (fault.field === "deviceId")
    return said("没有写设备，岗位也没有；请填写设备编号", "no device is named here or by the vacancy; name one");
  return said(`无法接受（${fault.code}）：${fault.message}`, fault.message);
}

type Checked = { taken: Taken[]; problems: Problem[] };

async function check(rows: readonly Row[], caller: Caller, use: IssueOptions): Promise<Checked> {
  const vacancies = await vacanciesOf(use.store, caller);
  const seen = new Map<string, string>();
  const taken: Taken[] = [];
  const problems: Problem[] = [];
  for (const row of rows) {
    const { application, name, vacancy: vacancyId } = row.row;
    // What is missing has been named already.
    if (application === undefined || name === undefined || vacancyId === undefined) continue;
    const cell = row.cellOf("application");
    const first = seen.get(application);
    const vacancy = vacancies.get(vacancyId);
    if (first !== undefined) problems.push({ cell, message: twice(first) });
    if (vacancy === undefined)
      problems.push({ cell: row.cellOf("vacancy"), message: unknownVacancy(vacancyId, vacancies.keys()) });
    seen.set(application, cell);
    if (vacancy === undefined || first !== undefined) continue;
    try {
      taken.push(await prepareApplication(applicationOf(row, vacancy), caller, use));
    } catch (error) {
      const fault = asFault(error);
      if (fault.code === "internal") throw error;
      problems.push({
        cell: row.cellOf(columnOfField[fault.field ?? ""] ?? "application"),
        message: sayRefusal(fault),
      });
    }
  }
  return { taken, problems };
}

function summaryOf(taken: readonly Taken[], dryRun: boolean): Uploaded {
  const orders = taken.map(({ application, prepared: { verdict, summary } }) => ({
    application: application.applicationId,
    ...{ orderId: summary.orderId, revision: summary.revision, outcome: verdict },
  }));
  const count = (outcome: UploadedOrder["outcome"]): number => orders.filter((one) => one.outcome === outcome).length;
  return { dryRun, new: count("new"), superseded: count("supersede"), same: count("same"), orders };
}

/**
 * Takes the orders of a CSV or XLSX file: all rows or none. The same row again makes nothing.
 * @throws BadCells naming every cell that needs a change, Fault file.unreadable, message.tooLarge
 */
export async function uploadOrders(
  bytes: Buffer,
  { dryRun, language, offset }: UploadOptions,
  { caller, issue }: { caller: Caller; issue: IssueOptions },
): Promise<Uploaded> {
  const kind = orderSheet(offset);
  const sheet = pickSheet(await readUpload(bytes), kind);
  const { found, problems } = readTable(sheet, kind);
  if (found.length > mostRows)
    throw new Fault("message.tooLarge", `the file has ${found.length} rows: send at most ${mostRows} at once`);
  if (found.length === 0 && problems.length === 0)
    problems.push({
      cell: cellName(sheet.name, 1, 0),
      message: said(
        "表头下面没有内容；每位候选人写一行",
        "there is nothing below the header; write one candidate a row",
      ),
    });
  const checked = await check(found, caller, issue);
  const all = [...problems, ...checked.problems];
  if (all.length > 0) throw new BadCells(language === "en" ? "the upload" : "上传的文件", all, language);
  if (!dryRun) await keepApplications(checked.taken, caller, issue);
  return summaryOf(checked.taken, dryRun);
}
