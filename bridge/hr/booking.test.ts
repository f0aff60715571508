import { decodeJwt } from "jose";
import t, { type Test } from "tap";
import { openApiAlone } from "../../cli/bridge/api-alone.ts";
import { openHrAlone } from "../../cli/bridge/hr-alone.ts";
import { orderBody } from "../../cli/bridge/samples.ts";
import { checkInPrefix } from "../../contracts/order.ts";
import { days, minutes } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";
import { invitationOf } from "../adapters/invitation.ts";
import { openingHours, slotsBetween } from "./opening.ts";
import { setTarget } from "./targets.ts";

/** A Sunday. */
const now = Date.parse("2026-03-01T00:00:00Z");
const hours = {
  timeZone: "Asia/Shanghai",
  slotMinutes: 30,
  weekly: [{ days: [1, 2, 3, 4, 5], from: "09:00", to: "11:00" }],
};
const monday = (time: string): string => timestamp(Date.parse(`2026-03-02T${time}:00+08:00`));

async function open(t: Test) {
  const hr = await openHrAlone(now);
  const api = await openApiAlone(hr);
  t.teardown(async () => {
    await api.stop();
    await hr.stop();
  });
  t.equal((await api.ask("PUT", "/v1/devices/dev-1/hours", { body: hours })).status, 200);
  const place = (orderId: string, more: object = {}) =>
    api.ask("POST", "/v1/orders", {
      body: orderBody("dev-1", { orderId, expiresAt: timestamp(now + days(14)), ...more }),
    });
  const book = (orderId: string, startsAt: string) =>
    api.ask("PUT", `/v1/orders/${orderId}/booking`, { body: { startsAt } });
  const free = async (): Promise<string[]> => {
    const { body } = await api.ask("GET", `/v1/devices/dev-1/slots?until=${monday("23:00")}`);
    return (body["slots"] as { startsAt: string; free: boolean }[])
      .filter((one) => one.free)
      .map((one) => one.startsAt);
  };
  const codeOf = async (orderId: string): Promise<Record<string, unknown>> => {
    const { body } = await api.ask("GET", `/v1/orders/${orderId}/check-in`);
    return decodeJwt(String(body["text"]).slice(checkInPrefix.length));
  };
  return { hr, api, place, book, free, codeOf };
}

t.test("a device's slots follow its hours in its own time, over the change of clocks and closed days", async (t) => {
  const own = openingHours.parse({ ...hours, timeZone: "Europe/Berlin", closed: ["2026-03-31"] });
  const slots = slotsBetween(own, Date.parse("2026-03-27T00:00Z"), Date.parse("2026-04-01T00:00Z"));
  t.strictSame(
    slots.map(({ startsAt }) => timestamp(startsAt)),
    ["27T08:00", "27T08:30", "27T09:00", "27T09:30", "30T07:00", "30T07:30", "30T08:00", "30T08:30"].map(
      (one) => `2026-03-${one}:00.000Z`,
    ),
  );
  const bad = { ...hours, weekly: [{ days: [1], from: "09:03", to: "11:00" }] };
  for (const body of [bad, { ...hours, timeZone: "Mars/Olympus" }, { ...hours, slotMinutes: 7 }])
    t.equal(openingHours.safeParse(body).success, false);
});

t.test("fifty candidates race for one slot: one wins, the others are told to choose another", async (t) => {
  const { hr, place, book, free } = await open(t);
  const names = Array.from({ length: 50 }, (_, at) => `o-${at}`);
  for (const name of names) await place(name);
  const answers = await Promise.all(names.map((name) => book(name, monday("09:30"))));
  t.equal(answers.filter(({ status }) => status === 201).length, 1);
  const others = answers.filter(({ status }) => status !== 201);
  t.ok(others.every(({ status, body }) => status === 409 && body["code"] === "slot.taken"));
  t.equal((await hr.issue.store.selectFrom("bookings").selectAll().execute()).length, 1);
  t.equal((await hr.issue.store.selectFrom("bookedCells").selectAll().execute()).length, 6, "its thirty minutes");
  t.strictSame(await free(), ["09:00", "10:00", "10:30"].map(monday));
  const losers = await hr.issue.store.selectFrom("orders").select("revision").execute();
  t.equal(losers.filter(({ revision }) => revision === 2).length, 1, "the orders of the others are as before");
});

t.test("one order races for four slots: it has one in the end, and the rest are free", async (t) => {
  const { hr, place, book, free } = await open(t);
  await place("o-1");
  const starts = ["09:00", "09:30", "10:00", "10:30"].map(monday);
  const answers = await Promise.all(starts.map((start) => book("o-1", start)));
  t.ok(answers.some(({ status }) => status === 201));
  t.equal((await hr.issue.store.selectFrom("bookings").selectAll().execute()).length, 1);
  t.equal((await free()).length, 3);
});

t.test("no booking overlaps another when the length of slots changes", async (t) => {
  const { api, place, book, free } = await open(t);
  await place("o-1");
  await place("o-2");
  t.equal((await book("o-1", monday("09:30"))).status, 201);
  const longer = { ...hours, slotMinutes: 45 };
  await api.ask("PUT", "/v1/devices/dev-1/hours", { body: longer });
  t.strictSame(await free(), [], "09:00 to 09:45 and 09:45 to 10:30 both touch 09:30 to 10:00");
  t.match(await book("o-2", monday("09:00")), { status: 409, body: { code: "slot.taken" } });
});

t.test("a code is for the slot and the revision of its booking; moving and cancelling void it", async (t) => {
  const { api, place, book, free, codeOf } = await open(t);
  await place("o-1");
  const before = await codeOf("o-1");
  t.match(before, { revision: 1, bookingId: undefined });
  const booked = await book("o-1", monday("09:00"));
  t.match(booked, { status: 201, body: { revision: 2, endsAt: monday("09:30"), deviceId: "dev-1" } });
  const first = await codeOf("o-1");
  t.match(first, { revision: 2, bookingId: booked.body["bookingId"] });
  const start = Date.parse(monday("09:00"));
  t.match(first, { nbf: (start - minutes(10)) / 1000, exp: (start + minutes(30)) / 1000 });
  t.match(await book("o-1", monday("09:00")), { status: 200, body: { revision: 2 } }, "the same again is the same");
  t.match(await book("o-1", monday("10:00")), { status: 200, body: { revision: 3 } });
  t.match(await codeOf("o-1"), { revision: 3, exp: (start + minutes(90)) / 1000 });
  t.strictSame(await free(), ["09:00", "09:30", "10:30"].map(monday), "the first slot is free again");
  t.match((await api.ask("DELETE", "/v1/orders/o-1/booking")).body, { revision: 4 });
  t.equal((await free()).length, 4);
  t.match(await codeOf("o-1"), { revision: 4, exp: (now + days(14)) / 1000 }, "open as it was before");
  t.match(await api.ask("GET", "/v1/orders/o-1/booking"), { status: 404, body: { code: "slot.unknown" } });
});

t.test("a calendar is invited to the slot itself, and told when to check in and that it was given back", async (t) => {
  const { hr, api, place, book } = await open(t);
  const { store, clock } = hr.issue;
  const settings = { folder: t.testdir() };
  await setTarget(store, { tenantId: "acme", name: "slots", adapter: "calendar", settings }, clock);
  await place("o-1");
  await book("o-1", monday("09:00"));
  await api.ask("DELETE", "/v1/orders/o-1/booking");
  const rows = await store.selectFrom("outbox").select("body").where("kind", "=", "invitation").execute();
  const slot = { startsAt: monday("09:00"), endsAt: monday("09:30") };
  t.match(
    rows.map(({ body }) => invitationOf(body)),
    [{ state: "booked", ...slot, checkInFrom: monday("08:50") }, { state: "cancelled" }],
  );
});

t.test("a slot is free again when its order is cancelled or changed by HR", async (t) => {
  const { api, place, book, free } = await open(t);
  await place("o-1");
  await place("o-2");
  await book("o-1", monday("09:00"));
  await book("o-2", monday("09:30"));
  await api.ask("POST", "/v1/orders/o-1/cancel");
  t.strictSame(await free(), ["09:00", "10:00", "10:30"].map(monday));
  t.equal((await place("o-2", { revision: 3 })).status, 201);
  t.equal((await free()).length, 4);
  t.match(await book("o-1", monday("09:00")), { status: 409, body: { code: "order.cancelled" } });
});

t.test("refuses what is no slot, has begun, lies outside the order's time, or belongs to another branch", async (t) => {
  const { hr, api, place, book } = await open(t);
  await place("o-1", { expiresAt: monday("09:45") });
  for (const start of ["09:10", "09:30", "11:00"].map(monday))
    t.match(await book("o-1", start), { status: 404, body: { code: "slot.unknown", field: "startsAt" } });
  t.equal((await book("o-1", "tomorrow")).status, 400);
  await place("o-2");
  hr.goTo(Date.parse(monday("09:05")));
  t.match(await book("o-2", monday("09:00")), { status: 404, body: { code: "slot.unknown" } });
  const other = await api.token("/north", "orders:write", "orders:read", "operate");
  const asked = { body: { startsAt: monday("10:00") }, token: other };
  t.equal((await api.ask("PUT", "/v1/orders/o-2/booking", asked)).status, 404);
  t.equal((await api.ask("PUT", "/v1/devices/dev-1/hours", { body: hours, token: other })).status, 403);
  t.match(await api.ask("GET", "/v1/devices/dev-9/slots"), { status: 404, body: { code: "device.unknown" } });
});
