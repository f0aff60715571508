import t from "tap";
import { firstPrevious } from "../../contracts/journal.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { journalHolds } from "./events/scorecard.ts";
import { orderChange } from "./events/session-state.ts";
import { judge, type OrderRow, stateAt } from "./orders.ts";
import { isWithin } from "./store.ts";

const order: OrderRow = {
  ...{
    tenantId: "t",
    branch: "/",
    orderId: "o",
    deviceId: "d",
    revision: 2,
    contentHash: "h",
    document: "{}",
    state: "delivered",
  },
  ...{
    eventId: "e",
    sealedTo: "k",
    sessionId: null,
    sessionRevision: null,
    issuedAt: 0,
    expiresAt: 1000,
    deliveredAt: 1,
  },
  ...{ startedAt: null, endedAt: null, cancelledAt: null, fault: null },
};
const asked = { revision: 2, contentHash: "h", deviceId: "d" };

t.test("judges a request against the order that is there", async (t) => {
  t.equal(judge(undefined, asked), "new");
  t.equal(judge(order, asked), "same");
  t.equal(judge({ ...order, state: "done" }, asked), "same", "the same again, also after the interview");
  t.equal(judge(order, { ...asked, revision: 3 }), "supersede");
  t.equal(judge({ ...order, state: "expired" }, { ...asked, revision: 3 }), "supersede");
  t.equal(judge({ ...order, state: "refused" }, { ...asked, revision: 3 }), "supersede", "the device refused it");
  const declined = { ...order, state: "refused" as const, sessionId: "s" };
  t.throws(() => judge(declined, { ...asked, revision: 3 }), { code: "order.finished" }, "the candidate refused");
  t.throws(() => judge(order, { ...asked, contentHash: "other" }), { code: "order.stale" });
  t.throws(() => judge(order, { ...asked, revision: 1 }), { code: "order.stale" });
  t.throws(() => judge({ ...order, state: "inInterview" }, { ...asked, revision: 3 }), { code: "order.finished" });
  t.throws(() => judge({ ...order, state: "cancelled" }, { ...asked, revision: 3 }), { code: "order.cancelled" });
  t.throws(() => judge(order, { ...asked, revision: 3, deviceId: "e" }), { code: "order.otherDevice" });
});

t.test("tells what nobody came for in time as expired, and an interview as it is", async (t) => {
  t.equal(stateAt(order, 999), "delivered");
  t.equal(stateAt(order, 1001), "expired");
  t.equal(stateAt({ ...order, state: "inInterview" }, 1001), "inInterview");
});

t.test("follows a session's state by its revision and is never set back", async (t) => {
  const begun = { sessionId: "s", state: "inInterview" as const, revision: 1 };
  t.match(orderChange(order, begun, 5), { state: "inInterview", startedAt: 5, sessionId: "s", sessionRevision: 1 });
  const running: OrderRow = { ...order, state: "inInterview", sessionId: "s", sessionRevision: 1, startedAt: 5 };
  t.match(orderChange(running, { ...begun, state: "done", revision: 2 }, 9), { state: "done", endedAt: 9 });
  const over: OrderRow = { ...running, state: "done", sessionRevision: 2, endedAt: 9 };
  t.equal(orderChange(over, begun, 10), undefined);
  t.same(orderChange({ ...over, startedAt: null }, begun, 10), { startedAt: 10 }, "a late beginning still tells when");
  t.equal(orderChange(over, { ...begun, sessionId: "another" }, 11), undefined);
  t.match(orderChange({ ...order, state: "cancelled" }, begun, 5), { state: "inInterview" }, "what took place is told");
});

t.test("finds a journal with a changed, missing or added line broken", async (t) => {
  const lines: string[] = [];
  let head = firstPrevious;
  for (const seq of [0, 1, 2]) {
    lines.push(JSON.stringify({ seq, prev: head, box: "eA" }));
    head = sha256(lines[seq] ?? "");
  }
  t.equal(journalHolds({ lines, head }), true);
  t.equal(journalHolds({ lines: lines.slice(0, 2), head }), false);
  t.equal(journalHolds({ lines: lines.slice(1), head }), false);
  t.equal(journalHolds({ lines: lines.map((line) => line.replace("eA", "eB")), head }), false);
  t.equal(journalHolds({ lines: [...lines, "no line"], head }), false);
  t.equal(journalHolds({ lines: [], head: firstPrevious }), false);
});

t.test("lets a branch see itself and what is below, not its neighbours", async (t) => {
  t.ok(isWithin("/north/harbour", "/north"));
  t.ok(isWithin("/north", "/"));
  t.notOk(isWithin("/northern", "/north"));
  t.notOk(isWithin("/", "/north"));
});
