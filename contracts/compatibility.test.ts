import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { projectRoot } from "../runtime/paths.ts";
import { envelope, eventTypes, receipt } from "./envelope.ts";
import { orderRequest } from "./order.ts";
import { answerFile } from "./rubric.ts";
import { screenRequest } from "./screen.ts";
import { ownerOf, topics } from "./topics.ts";

const event = {
  specversion: "1.0",
  id: "e1",
  source: "candor/acme/lobby-1",
  type: eventTypes.birth,
  time: "2026-01-01T00:00:00Z",
  datacontenttype: "application/jose",
  bootid: "b1",
  elapsedmillis: 5,
  sequence: 0,
  clockquality: "unknown",
  data: "a.b.c",
};

t.test("a wire message with a field of a newer version passes and keeps it", async (t) => {
  t.match(envelope.parse({ ...event, tracestate: "new" }), { tracestate: "new" });
  const newer = { tenantId: "acme", deviceId: "d1", eventId: "e1", state: "stored", at: "now", shelf: 3 };
  t.match(receipt.parse(newer), { shelf: 3 });
});

t.test("a wire message that lacks what it must have is refused", async (t) => {
  const { sequence, ...short } = event;
  t.equal(sequence, 0);
  t.equal(envelope.safeParse(short).success, false);
  t.equal(envelope.safeParse({ ...event, id: "a.b" }).success, false, "a dot would split a routing key");
});

t.test("an upload with a misspelt key is refused, so that nothing is lost silently", async (t) => {
  const result = orderRequest.safeParse({ deviceld: "lobby-1" });
  t.ok(result.error?.issues.some((issue) => issue.path[0] === "deviceld" && /check its spelling/.test(issue.message)));
  t.equal(screenRequest.safeParse({ do: "withdraw", now: true }).success, false);
});

t.test("a topic names its owner, and nothing else does", async (t) => {
  t.same(ownerOf(topics.events("acme", "lobby-1")), { tenantId: "acme", deviceId: "lobby-1", leaf: "events" });
  for (const other of [
    "candor/v2/acme/lobby-1/events",
    "candor/v1/acme/lobby-1",
    "candor/v1/acme/lobby-1/events/x",
    "$SYS/broker",
  ])
    t.equal(ownerOf(other), undefined, other);
});

t.test("the interview files are read as they are", async (t) => {
  for (const name of ["backend-engineer", "customer-service"]) {
    const file = answerFile.parse(
      JSON.parse(await readFile(join(projectRoot, `test/fixtures/interview/${name}.json`), "utf8")),
    );
    t.equal(file.rubric.questions.length, 3);
    t.equal(file.answers.length, 16);
  }
});
