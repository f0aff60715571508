import { readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { calendar, uidOf } from "./calendar.ts";
import { adapterChecks, type HttpOpposite, httpChecks } from "./conformance.ts";
import { startRadicale } from "./fakes/radicale.ts";
import { type Asked, asOpposite, type Reply, startFake } from "./fakes/server.ts";
import { invitationType } from "./invitation.ts";
import { adapters } from "./registry.ts";

const radicale = await startRadicale();
t.teardown(() => radicale.stop());
t.setTimeout(120_000);

const interview = {
  ...{ tenantId: "t", orderId: "o", state: "booked", language: "zh-CN", deviceId: "hall-2", place: "一号厂房, 2 层" },
  ...{ startsAt: "2026-05-04T09:00:00+08:00", endsAt: "2026-05-04T09:30:00+08:00" },
  ...{ checkInFrom: "2026-05-04T08:50:00+08:00", checkInUrl: "https://hr.example/check-in/o", candidateRef: "c-7" },
};
const invitationAt = (revision: number, more: object = {}) => ({
  effectKey: `t/o/invitation/${revision}`,
  body: JSON.stringify({ specversion: "1.0", type: invitationType, data: { ...interview, revision, ...more } }),
});
const shipment = (effectKey: string) => ({ ...invitationAt(1), effectKey });

let calendars = 0;
async function newCalendar(): Promise<{ folder: string; path: string }> {
  const name = `interviews-${++calendars}`;
  return { folder: await radicale.makeCalendar(name), path: `/${radicale.username}/${name}` };
}

const entries = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".ics"))
    .map((name) => readFileSync(join(folder, name), "utf8").replace(/\r?\n[ \t]/g, ""));

async function passOn({ method, path, headers, body }: Asked): Promise<Reply> {
  const passed = ["authorization", "content-type", "if-match", "if-none-match"].flatMap((name) =>
    typeof headers[name] === "string" ? [[name, headers[name]] as [string, string]] : [],
  );
  const answer = await fetch(`${radicale.url}${path}`, {
    ...{ method, headers: passed },
    ...(method === "GET" ? {} : { body }),
  });
  const etag = answer.headers.get("etag");
  return { status: answer.status, headers: etag === null ? {} : { etag }, body: await answer.text() };
}

/** Radicale, behind a proxy that can be in trouble. */
async function startOpposite(): Promise<HttpOpposite> {
  const { folder, path } = await newCalendar();
  const proxy = await startFake({
    handle: passOn,
    troubled: ({ method }) => method === "PUT",
    busy: { status: 429, headers: { "retry-after": "7" } },
    refusing: { status: 403 },
  });
  return asOpposite(proxy, {
    options: { collection: `${proxy.url}${path}/`, username: radicale.username, password: radicale.password },
    overload: seconds(7),
    effects: () => entries(folder).map((ics) => /X-CANDOR-EFFECT:(\S+)/.exec(ics)?.[1] ?? ""),
  });
}

t.test("the calendar adapter conforms against radicale", async (t) => {
  for (const { sentence, holds } of [
    ...adapterChecks(calendar, startOpposite, shipment),
    ...httpChecks(calendar, startOpposite, { anyBody: true, shipment }),
  ])
    t.equal(await holds(), true, sentence);
  t.ok(adapters.includes(calendar));
});

const signal = new AbortController().signal;
async function bench(t: Test) {
  const { folder, path } = await newCalendar();
  const { username, password } = radicale;
  const options = { collection: `${radicale.url}${path}`, username, password };
  const connection = calendar.open(options, { clock: systemClock });
  t.teardown(() => connection.close());
  return { folder, options, connection };
}

t.test("a moved and then cancelled interview stays one entry, and an older revision never comes back", async (t) => {
  const { folder, connection } = await bench(t);
  await connection.deliver(invitationAt(1), signal);
  await connection.deliver(
    invitationAt(2, { startsAt: "2026-05-05T01:00:00Z", endsAt: "2026-05-05T01:30:00Z" }),
    signal,
  );
  t.match(entries(folder), [/SEQUENCE:2\r?\n/]);
  t.match(entries(folder), [/DTSTART:20260505T010000Z/]);
  t.equal((await connection.deliver(invitationAt(3, { state: "cancelled", language: "en" }), signal)).outcome, "done");
  t.same(await connection.deliver(invitationAt(2), signal), { outcome: "done" });
  t.match(entries(folder), [/SEQUENCE:3\r?\n/]);
  t.match(entries(folder), [/STATUS:CANCELLED/]);
  t.match(entries(folder), [/SUMMARY:Cancelled: Interview · hall-2/]);
  t.equal(entries(folder).length, 1);
});

t.test("of revisions that race, the newest stands in the end when each is tried until it is done", async (t) => {
  const { folder, connection } = await bench(t);
  const untilDone = async (revision: number): Promise<void> => {
    for (let tries = 0; tries < 50; tries++)
      if ((await connection.deliver(invitationAt(revision), signal)).outcome === "done") return;
  };
  await Promise.all([3, 1, 5, 2, 4].map(untilDone));
  t.match(entries(folder), [/SEQUENCE:5\r?\n/]);
});

t.test("an entry says device, place, time and check-in, and nothing of the candidate", async (t) => {
  const { folder, connection } = await bench(t);
  await connection.deliver(invitationAt(1), signal);
  const [ics = ""] = entries(folder);
  t.match(ics, /SUMMARY:面试 · hall-2\r?\n/);
  t.match(ics, /LOCATION:一号厂房\\, 2 层/);
  t.match(ics, /DTSTART:20260504T010000Z/);
  t.match(ics, /签到: https:\/\/hr\.example/);
  t.notMatch(ics, /c-7/);
  t.notMatch(ics, /METHOD/);
});

t.test("leaves another's entry in its place alone, refuses a result, and tells no password", async (t) => {
  const { options, connection } = await bench(t);
  const authorization = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString("base64")}`;
  const uid = uidOf("t/o/invitation/1");
  const other = [
    ...["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:another", "DTSTAMP:20260101T000000Z"],
    ...["DTSTART:20260101T000000Z", "SUMMARY:lunch", "END:VEVENT", "END:VCALENDAR", ""],
  ].join("\r\n");
  const path = `${options.collection}/${encodeURIComponent(uid)}.ics`;
  t.equal((await fetch(path, { method: "PUT", body: other, headers: { authorization } })).status, 201);
  t.equal((await connection.deliver(invitationAt(1), signal)).outcome, "refused");
  t.match(await (await fetch(path, { headers: { authorization } })).text(), /lunch/);
  const result = {
    effectKey: "t/s/scorecard/1",
    body: JSON.stringify({ type: "candor.result.scorecard.v1", data: {} }),
  };
  t.equal((await connection.deliver(result, signal)).outcome, "refused");
  const wrong = calendar.open({ ...options, password: "s3cr3t" }, { clock: systemClock });
  t.teardown(() => wrong.close());
  const outcome = await wrong.deliver(invitationAt(1), signal);
  t.equal(outcome.outcome, "refused");
  if (outcome.outcome === "refused") t.notMatch(`${outcome.fault.stack}`, /s3cr3t/);
});

t.test("writes a file that a calendar imports, and replaces it by newer revisions only", async (t) => {
  const folder = t.testdir();
  const connection = calendar.open({ folder }, { clock: systemClock });
  const path = join(folder, `${uidOf("t/o/invitation/1")}.ics`);
  t.same(await connection.deliver(invitationAt(1), signal), { outcome: "done" });
  t.match(await readFile(path, "utf8"), /METHOD:PUBLISH\r\n/);
  await connection.deliver(invitationAt(2, { state: "cancelled" }), signal);
  await connection.deliver(invitationAt(1), signal);
  t.match(await readFile(path, "utf8"), /METHOD:CANCEL\r\n/);
  t.same(readdirSync(folder).length, 1);
  await writeFile(path, "something else");
  t.equal((await connection.deliver(invitationAt(3), signal)).outcome, "refused");
  const away = calendar.open({ folder: join(folder, "away") }, { clock: systemClock });
  t.equal((await away.deliver(invitationAt(1), signal)).outcome, "again");
});
