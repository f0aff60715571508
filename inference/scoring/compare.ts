import type { SessionScore } from "../../contracts/scoring.ts";

/** One thing that two scores of the same session do not share; null where one of them does not have it. */
export type ScoreDifference = {
  what: "scorer" | "rubric" | "model" | "transcript" | "answer" | "evidence" | "interval" | "competency" | "total";
  /** The answer, competency or model it is about; "" for the session. */
  of: string;
  before: string | null;
  after: string | null;
};

type Facts = Map<string, string | null>;
/** Scores are compared at the precision of the canonical score. */
const shown = (value: number | null): string | null => (value === null ? null : value.toFixed(3));
const range = ([low, high]: readonly [number, number]): string => `${low.toFixed(3)} – ${high.toFixed(3)}`;

/** Every fact of a score under `what of`, in the order in which a reader looks for a reason. */
function factsOf(score: SessionScore, transcripts: ReadonlyMap<string, string>): Facts {
  const facts: Facts = new Map();
  const note = (what: ScoreDifference["what"], of: string, value: string | null): unknown =>
    facts.set(JSON.stringify([what, of]), value);
  note("scorer", "", score.scorerVersion);
  note("rubric", "", `${score.rubricId}@${score.rubricVersion}`);
  for (const [model, hash] of Object.entries(score.models)) note("model", model, hash);
  for (const [answerId, text] of transcripts) note("transcript", answerId, text);
  for (const { answerId, score: value, evidence, interval, insufficient, faults } of score.answers) {
    note("answer", answerId, insufficient ? `insufficient: ${(faults ?? []).join(", ")}` : shown(value));
    note(
      "evidence",
      answerId,
      evidence.map((one) => `${one.rule} “${one.quote}” ${one.weight.toFixed(3)}`).join(" · "),
    );
    note("interval", answerId, range(interval));
  }
  for (const one of score.competencies) note("competency", one.competency, shown(one.score));
  note("total", "", score.withheld ? "withheld" : shown(score.total));
  note("interval", "", range(score.interval));
  return facts;
}

export type Scored = { score: SessionScore; transcripts: ReadonlyMap<string, string> };

/** What differs between two scores of one session: versions first, then what was heard, then what follows from it. */
export function differencesOf(before: Scored, after: Scored): ScoreDifference[] {
  const [first, second] = [factsOf(before.score, before.transcripts), factsOf(after.score, after.transcripts)];
  return [...new Set([...first.keys(), ...second.keys()])].flatMap((key) => {
    const [was, is] = [first.get(key) ?? null, second.get(key) ?? null];
    const [what, of] = JSON.parse(key) as [ScoreDifference["what"], string];
    return was === is ? [] : [{ what, of, before: was, after: is }];
  });
}
