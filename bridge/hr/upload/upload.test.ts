import t from "tap";
import writeExcel from "write-excel-file/node";
import { openApiAlone } from "../../../cli/bridge/api-alone.ts";
import { openHrAlone } from "../../../cli/bridge/hr-alone.ts";
import { sheetsOf } from "../../../runtime/sheets/workbook.ts";
import { orderFor } from "../../../test/device/order.ts";

const hr = await openHrAlone(Date.parse("2026-11-27T08:00:00Z"));
const api = await openApiAlone(hr);
t.teardown(async () => {
  await api.stop();
  await hr.stop();
});
const { rubric, policy } = orderFor({ deviceId: "dev-1" });
const vacancy = { role: { title: "后端工程师" }, rubric, policy, deviceId: "dev-1" };
const csv = (...lines: string[]): { body: string; type: string } => ({ body: lines.join("\r\n"), type: "text/csv" });
type Problem = { cell: string; message: Record<string, string> };
const problemsOf = (body: Record<string, unknown>): Problem[] => body["problems"] as Problem[];
const orders = async (): Promise<Record<string, unknown>[]> =>
  (await api.ask("GET", "/v1/orders")).body["orders"] as Record<string, unknown>[];

t.before(async () => {
  t.equal((await api.ask("PUT", "/v1/vacancies/backend", { body: vacancy })).status, 200);
});

t.test("takes every row of a CSV once, and the same file again makes nothing", async (t) => {
  const file = csv("应聘编号,姓名,岗位编号,截止时间", "A-1,李明,backend,2026-12-05 18:00", "A-2,王芳,backend,");
  const dry = await api.ask("POST", "/v1/orders/upload?dryRun=true", file);
  t.match(dry, { status: 200, body: { dryRun: true, new: 2 } });
  t.equal((await orders()).length, 0, "a dry run takes nothing");
  const first = await api.ask("POST", "/v1/orders/upload", file);
  t.match(first, { status: 201, body: { new: 2, same: 0 } });
  const again = await api.ask("POST", "/v1/orders/upload", file);
  t.match(again, { status: 200, body: { new: 0, superseded: 0, same: 2 } });
  const there = await orders();
  t.equal(there.length, 2);
  t.ok(
    there.some((one) => one["expiresAt"] === "2026-12-05T10:00:00.000Z"),
    "a time without an offset is read at +08:00",
  );
  const row = await hr.issue.store
    .selectFrom("orders")
    .selectAll()
    .where("expiresAt", "=", Date.parse("2026-12-05T10:00Z"))
    .executeTakeFirstOrThrow();
  t.match(JSON.parse(row.document), {
    candidate: { name: "李明", external: [{ system: "upload", type: "candidate", id: "A-1" }] },
    external: [{ system: "upload", type: "application", id: "A-1" }],
  });
});

t.test("a changed row supersedes its order, a cancelled one stays cancelled", async (t) => {
  const changed = csv("application,name,vacancy,until", "A-1,李小明,backend,2026-12-06 18:00");
  t.match((await api.ask("POST", "/v1/orders/upload", changed)).body, {
    new: 0,
    superseded: 1,
    orders: [{ revision: 2 }],
  });
  const orderId = ((await api.ask("POST", "/v1/orders/upload", changed)).body["orders"] as { orderId: string }[])[0]
    ?.orderId;
  await api.ask("POST", `/v1/orders/${orderId}/cancel`);
  t.match((await api.ask("POST", "/v1/orders/upload", changed)).body, { same: 1 });
  const other = csv("application,name,vacancy", "A-1,李大明,backend");
  const refused = await api.ask("POST", "/v1/orders/upload", other);
  t.equal(refused.status, 400);
  t.match(problemsOf(refused.body)[0], { cell: "CSV!A2", message: { "zh-CN": /已取消/, en: /cancelled/ } });
});

t.test("names every wrong cell in both languages and takes none of the rows", async (t) => {
  const before = (await orders()).length;
  const file = csv(
    "application,name,vacancy,language,until,device",
    "B-1,Ada,backend,en,2027-01-01 10:00,dev-1",
    "B-1,Bea,backend,,2020-01-01,dev-1",
    "B-3,,nowhere,fr,31.02.2027,dev 1",
    "B-4,Cyd,backend,en,2020-01-01 09:00,dev-1",
  );
  const { status, body } = await api.ask("POST", "/v1/orders/upload?language=en", file);
  t.equal(status, 400);
  const cells = problemsOf(body).map(({ cell }) => cell);
  t.strictSame(cells.toSorted(), ["CSV!A3", "CSV!B4", "CSV!D4", "CSV!E4", "CSV!E5", "CSV!F4"].toSorted());
  for (const { message } of problemsOf(body)) {
    t.match(message["en"], /\w{3}/);
    t.match(message["zh-CN"], /[\u4e00-\u9fff]{2}/);
  }
  t.match(body["message"], /CSV!E5: lies in the past/);
  t.notMatch(JSON.stringify(body), /Ada|Cyd/, "no name is repeated");
  t.equal((await orders()).length, before, "not even the good row");
});

t.test("names a vacancy that is not known with those that are", async (t) => {
  const { body } = await api.ask("POST", "/v1/orders/upload", csv("application,name,vacancy", "C-1,Ada,nowhere"));
  t.match(problemsOf(body), [{ cell: "CSV!C2", message: { en: /there are backend/ } }]);
});

t.test("the Excel template can be filled in and comes back; dates of cells are taken", async (t) => {
  const { raw } = await api.ask("GET", "/v1/orders/template?language=en");
  const [sheet] = await sheetsOf(raw, "the template");
  t.equal(sheet?.name, "Orders");
  const refused = await api.ask("POST", "/v1/orders/upload", { body: raw, type: "application/octet-stream" });
  t.match(problemsOf(refused.body), [{ cell: "Orders!D2" }], "its example names a vacancy that is not there");
  const head = ["Application", "Name", "Vacancy", "Not before", "Until"].map((value) => ({ value, type: String }));
  const date = (text: string) => ({ value: new Date(text), type: Date, format: "yyyy-mm-dd hh:mm" });
  const cells = ["D-1", "Dee", "backend"].map((value) => ({ value, type: String }));
  const book = await writeExcel([
    { sheet: "Whatever", data: [head, [...cells, date("2026-12-01T09:00:00Z"), date("2026-12-01T10:00:00Z")]] },
  ]).toBuffer();
  const taken = await api.ask("POST", "/v1/orders/upload?offset=%2B01:00", {
    body: book,
    type: "application/octet-stream",
  });
  t.match(taken, { status: 201, body: { new: 1 } });
  t.ok((await orders()).some((one) => one["expiresAt"] === "2026-12-01T09:00:00.000Z"));
});

t.test("reads a CSV that Excel saved in GB 18030", async (t) => {
  // 应聘编号,姓名,岗位编号 / E-1,李明,backend
  const body = Buffer.from(
    "d3a6c6b8b1e0bac52cd0d5c3fb2cb8dace bbb1e0bac50d0a452d312cc0eec3f72c6261636b656e640d0a".replace(" ", ""),
    "hex",
  );
  t.match(await api.ask("POST", "/v1/orders/upload", { body, type: "text/csv" }), { status: 201, body: { new: 1 } });
});

t.test("refuses what is no file, too large, or of a branch beyond the token", async (t) => {
  t.match(await api.ask("POST", "/v1/orders/upload", { body: { a: 1 } }), {
    status: 400,
    body: { code: "use.invalid" },
  });
  t.match(await api.ask("POST", "/v1/orders/upload", csv('a,"b')), { status: 400, body: { code: "file.unreadable" } });
  const large = { body: Buffer.alloc(6 * 1024 * 1024, 65), type: "text/csv" };
  t.match(await api.ask("POST", "/v1/orders/upload", large), { status: 413, body: { code: "message.tooLarge" } });
  const many = csv("application,name,vacancy", ...Array.from({ length: 501 }, (_, at) => `Z-${at},N,backend`));
  t.match(await api.ask("POST", "/v1/orders/upload", many), { status: 413, body: { code: "message.tooLarge" } });
  const { raw } = await api.ask("GET", "/v1/orders/template");
  const cut = { body: raw.subarray(0, raw.length - 200), type: "application/octet-stream" };
  t.match(await api.ask("POST", "/v1/orders/upload", cut), { status: 400, body: { code: "file.unreadable" } });
  // A workbook whose directory promises two gigabytes.
  const bomb = Buffer.from(raw);
  bomb.writeUInt32LE(0x7fffffff, bomb.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02])) + 24);
  const sent = { body: bomb, type: "application/octet-stream" };
  t.match(await api.ask("POST", "/v1/orders/upload", sent), { status: 413, body: { code: "message.tooLarge" } });
  const north = await api.token("/north", "orders:write", "orders:read");
  const beyond = await api.ask("POST", "/v1/orders/upload", {
    ...csv("application,name,vacancy", "F-1,N,backend"),
    token: north,
  });
  t.match(problemsOf(beyond.body), [{ cell: "CSV!C2" }], "a vacancy of another branch is not known");
  const reader = await api.token("/", "orders:read");
  t.equal((await api.ask("POST", "/v1/orders/upload", { ...csv("a"), token: reader })).status, 403);
  t.equal(
    (await api.ask("PUT", "/v1/vacancies/backend", { body: { ...vacancy, branch: "/north" }, token: north })).status,
    409,
  );
});
