import t from "tap";
import { order, orderRequest } from "./order.ts";
import { answerFile } from "./rubric.ts";

const both = (text: string) => ({ en: text });
const rubric = {
  id: "rubric-1",
  version: 1,
  competencies: [{ id: "depth", weight: 100, name: both("Depth"), anchors: { "1": both("Names no trade-off") } }],
  questions: [
    {
      id: "q1",
      kind: "spoken",
      text: both("Why?"),
      concepts: { en: [{ competency: "depth", terms: ["queue"] }, ["lock"]] },
    },
    {
      id: "q2",
      kind: "choice",
      text: both("Which?"),
      options: [
        { id: "A", text: both("a") },
        { id: "B", text: both("b") },
      ],
      correct: ["A"],
    },
  ],
};
const posted = {
  deviceId: "dev-1",
  candidate: { candidateRef: "c-1", name: "A Person", external: [{ system: "ats", type: "candidate", id: "1" }] },
  role: { title: "Engineer" },
  language: "en",
  rubric,
  policy: {
    id: "policy-1",
    version: 1,
    region: "eu",
    consents: [{ purpose: "recording", textId: "c1", version: 1, required: true, text: both("We record you.") }],
    retention: { recordingDays: 30, transcriptDays: 30, scorecardDays: 180, journalDays: 180 },
    bannedSignals: ["speech.fillers"],
    alternative: both("A person."),
    notice: both("Two questions."),
  },
  expiresAt: "2100-01-01T00:00:00Z",
};
type Path = readonly (string | number)[];

/** `posted` with one more key in the object at `path`. */
function withKey(path: Path, key: string): unknown {
  const copy: unknown = structuredClone(posted);
  const at = path.reduce<unknown>((node, step) => (node as Record<string | number, unknown>)[step], copy);
  Object.assign(at as object, { [key]: "anything" });
  return copy;
}

t.test("takes an order whose every key is known, and fills in what was left out", async (t) => {
  const taken = orderRequest.parse(posted);
  t.match(taken, { revision: 1, branch: "/", policy: { bannedSignals: ["speech.fillers"] }, role: { external: [] } });
});

t.test("an accommodation doubles the answer limits where it says no more, and shortens none", async (t) => {
  t.equal(orderRequest.parse({ ...posted, accommodation: {} }).accommodation?.answerLimitFactor, 2);
  t.notOk(orderRequest.safeParse({ ...posted, accommodation: { answerLimitFactor: 0.5 } }).success);
  t.notOk(orderRequest.safeParse({ ...posted, accommodation: { answerLimit: 3 } }).success, "a misspelt key");
  t.equal(orderRequest.parse(posted).accommodation, undefined);
});

t.test("refuses a misspelt key at every level of an order, and names it", async (t) => {
  const places: [Path, string][] = [
    [[], "expireAt"],
    [["policy"], "bannedSignal"],
    [["policy", "retention"], "recordingDay"],
    [["policy", "consents", 0], "requird"],
    [["policy", "notice"], "zh"],
    [["candidate"], "nam"],
    [["candidate", "external", 0], "typ"],
    [["role"], "titel"],
    [["rubric"], "scal"],
    [["rubric", "competencies", 0], "anchor"],
    [["rubric", "competencies", 0, "anchors", "1"], "zh"],
    [["rubric", "questions", 0], "answerLimitSecond"],
    [["rubric", "questions", 0, "concepts"], "zh"],
    [["rubric", "questions", 1, "options", 0], "txt"],
  ];
  for (const [path, key] of places) {
    const [issue] = orderRequest.safeParse(withKey(path, key)).error?.issues ?? [];
    t.same(issue?.path, [...path, key], key);
  }
  const concept = withKey(["rubric", "questions", 0, "concepts", "en", 0], "competancy");
  t.match(orderRequest.safeParse(concept).error?.issues, [{ message: /competancy/ }]);
});

t.test("still refuses a rubric whose weights do not sum to 100 in an order", async (t) => {
  const light = { ...rubric, competencies: [{ ...rubric.competencies[0], weight: 90 }] };
  const [issue] = orderRequest.safeParse({ ...posted, rubric: light }).error?.issues ?? [];
  t.match(issue, { path: ["rubric", "competencies"], params: { fault: "rubric.weights" } });
});

t.test("reads an order of a newer release, and answer files with keys of their own", async (t) => {
  const sent = {
    ...(withKey(["policy", "retention"], "liveViewDays") as object),
    ...{ orderId: "o-1", tenantId: "acme", rubricHash: "r", policyHash: "p", issuedAt: "2026-01-01T00:00:00Z" },
    recipients: [{ kty: "EC", crv: "P-256", x: "x", y: "y", kid: "k" }],
    aFieldOfANewerRelease: 1,
  };
  t.match(order.parse(sent), { orderId: "o-1", aFieldOfANewerRelease: 1 });
  const answers = [{ id: "a1", question: "q1", text: "Because.", expected: 0.7, label: "strong" }];
  t.match(answerFile.parse({ rubric: { ...rubric, author: "x" }, answers, about: "a fixture" }), {
    answers: [{ id: "a1" }],
  });
});
