import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import type { Language } from "../../contracts/language.ts";
import type { orderRequest } from "../../contracts/order.ts";
import { answerFile, type Rubric } from "../../contracts/rubric.ts";
import { hours } from "../../contracts/units.ts";
import { systemClock, timestamp } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";

/** What HR posts, as it stands before defaults are filled in. */
export type PostedOrder = z.input<typeof orderRequest>;

export type WantedOrder = {
  deviceId: string;
  orderId?: string;
  revision?: number;
  /** Spoken questions, 0 to 2. */
  spoken?: number;
  choice?: boolean;
  language?: Language;
  /** The candidate's name; a test that searches for traces gives a marker word. */
  name?: string;
  /** Put into role, question, policy texts and external references too. */
  marker?: string;
  expiresAt?: string;
  notBefore?: string;
  answerLimitSeconds?: number;
  /** Instead of the backend engineer's. */
  rubric?: Rubric;
};

const backend = answerFile.parse(
  JSON.parse(readFileSync(join(projectRoot, "test/fixtures/interview/backend-engineer.json"), "utf8")),
);

/** The backend engineer's rubric cut down to `spoken` spoken questions and, if wanted, the one A–D question. */
export function shortRubric({
  spoken = 1,
  choice = true,
  marker,
  answerLimitSeconds = 40,
}: Omit<WantedOrder, "deviceId">): Rubric {
  const talk = backend.rubric.questions.filter((one) => one.kind === "spoken").slice(0, spoken);
  const pick = backend.rubric.questions.filter((one) => one.kind === "choice").slice(0, choice ? 1 : 0);
  const questions = [...talk, ...pick].map((one) => ({
    ...one,
    text: { "zh-CN": `${one.text["zh-CN"] ?? ""}${marker ?? ""}`, en: `${one.text.en ?? ""} ${marker ?? ""}`.trim() },
    answerLimitSeconds,
  }));
  const named = new Set(questions.flatMap((one) => one.competencies ?? []));
  const kept = backend.rubric.competencies.filter((one) => named.has(one.id));
  const sum = kept.reduce((total, one) => total + one.weight, 0);
  return {
    ...backend.rubric,
    competencies: kept.map((one) => ({ ...one, weight: (one.weight * 100) / sum })),
    questions,
  };
}

const consentText = (purpose: "recording" | "scoring" | "liveView", marker: string) => ({
  purpose,
  textId: `${purpose}-test`,
  version: 1,
  required: purpose !== "liveView",
  text: { "zh-CN": `同意${purpose}吗？${marker}`, en: `Do you agree to ${purpose}? ${marker}`.trim() },
});

export function orderFor(wanted: WantedOrder): PostedOrder {
  const marker = wanted.marker ?? "";
  return {
    ...(wanted.orderId === undefined ? {} : { orderId: wanted.orderId }),
    deviceId: wanted.deviceId,
    revision: wanted.revision ?? 1,
    candidate: {
      candidateRef: `candidate-${systemClock.id().slice(0, 8)}`,
      name: wanted.name ?? "Test Person",
      external: [{ system: "ats", type: "candidate", id: `c-4711${marker}` }],
    },
    role: { title: `Backend engineer ${marker}`.trim(), external: [] },
    language: wanted.language ?? "en",
    rubric: wanted.rubric ?? shortRubric(wanted),
    policy: {
      id: "test-policy",
      version: 1,
      region: "CN",
      consents: [consentText("recording", marker), consentText("scoring", marker)],
      retention: { recordingDays: 30, transcriptDays: 90, scorecardDays: 365, journalDays: 365 },
      alternative: {
        "zh-CN": `可以约人工面试。${marker}`,
        en: `You can have an interview with a person. ${marker}`.trim(),
      },
      notice: { "zh-CN": `共三个问题。${marker}`, en: `There are up to three questions. ${marker}`.trim() },
    },
    ...(wanted.notBefore === undefined ? {} : { notBefore: wanted.notBefore }),
    expiresAt: wanted.expiresAt ?? timestamp(systemClock.wall() + hours(8)),
    external: [{ system: "ats", type: "application", id: `a-4711${marker}` }],
  };
}
