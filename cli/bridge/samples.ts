import { signedTypes } from "../../contracts/envelope.ts";
import type { Identity } from "../../contracts/identity.ts";
import { firstPrevious } from "../../contracts/journal.ts";
import type { PublicKey } from "../../contracts/policy.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { systemClock as clock, timestamp } from "../../runtime/clock.ts";
import { seal, sign } from "../../runtime/seal.ts";

/** Orders and scorecards for the bridge's own tests and measurements. */

const both = (text: string) => ({ en: text });

const rubric = {
  id: "rubric-1",
  version: 1,
  competencies: [
    { id: "depth", weight: 60, name: both("Depth") },
    { id: "clarity", weight: 40, name: both("Clarity") },
  ],
  questions: [{ id: "q1", kind: "spoken", text: both("How does a queue keep its promises?") }],
};

const policy = {
  id: "policy-1",
  version: 1,
  region: "eu",
  consents: [{ purpose: "recording", textId: "c1", version: 1, required: true, text: both("We record you.") }],
  retention: { recordingDays: 30, transcriptDays: 30, scorecardDays: 180, journalDays: 180 },
  alternative: both("You may talk to a person."),
  notice: both("One question."),
};

export const orderBody = (deviceId: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  deviceId,
  candidate: {
    candidateRef: "cand-1",
    name: "Zheng Marker-Quux",
    external: [{ system: "ats", type: "candidate", id: "77" }],
  },
  role: { title: "Engineer" },
  language: "en",
  rubric,
  policy,
  expiresAt: timestamp(clock.wall() + 3_600_000),
  ...more,
});

function journal(): { lines: string[]; head: string } {
  const lines: string[] = [];
  let prev = firstPrevious;
  for (let seq = 0; seq < 3; seq++) {
    lines.push(JSON.stringify({ seq, prev, box: Buffer.from(`line ${seq}`).toString("base64url") }));
    prev = sha256(lines[seq] ?? "");
  }
  return { lines, head: prev };
}

const score = {
  scorerVersion: "1",
  rubricId: "rubric-1",
  rubricVersion: 1,
  answers: [],
  competencies: [
    { competency: "depth", weight: 60, score: 0.7, interval: [0.6, 0.8], level: null, anchor: null, answers: ["a1"] },
    { competency: "clarity", weight: 40, score: 0.5, interval: [0.4, 0.6], level: null, anchor: null, answers: ["a1"] },
  ],
  total: 0.62,
  interval: [0.5, 0.7],
  coverage: 1,
  withheld: false,
  models: {},
};

export type CardNames = { sessionId: string; orderId: string; revision?: number };

export function scorecardBody(
  identity: Identity,
  names: CardNames,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const at = timestamp(clock.wall());
  return {
    ...{ version: 1, revision: 1, tenantId: identity.tenantId, deviceId: identity.deviceId, ...names },
    ...{
      candidateRef: "cand-1",
      language: "en",
      ended: "complete",
      consents: [],
      answers: [],
      framing: [],
      gaps: [],
      media: [],
    },
    expiresAt: { recording: at, transcript: at, scorecard: at, journal: at },
    ...{ score, stages: { scored: 12 }, wrappedKey: {}, journal: journal(), external: [] },
    versions: { software: "0.1.0", scorer: "1", rubric: "1", policy: "1", models: {} },
    clock: { quality: "unknown", startedAt: at, endedAt: at, elapsedMillis: 1000 },
    ...more,
  };
}

/** The content of a scorecard event: signed inside, sealed to the recipients. */
export async function scorecardContent(
  identity: Identity,
  recipients: readonly PublicKey[],
  card: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { keyPem, certificatePem } = identity;
  const token = await sign(card, { key: { keyPem, certificatePem }, type: signedTypes.scorecard });
  return { sessionId: card["sessionId"], revision: card["revision"], sealed: await seal(token, recipients) };
}
