import { inLanguage, type Language } from "../../contracts/language.ts";
import type { Rubric } from "../../contracts/rubric.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import type { CompetencyScore, Evidence } from "../../contracts/scoring.ts";
import type { Say } from "./catalogue.ts";
import { cutTo, formatTable } from "./table.ts";

const quotesShown = 3;
const quoteColumns = 64;

const percent = (value: number): string => value.toFixed(2);

/** What one quote gave: the rules that found something in it, and their sum. */
type Quoted = { quote: string; start: number | null; end: number | null; rules: string[]; weight: number };

/** The quotes that carried most, each once with its seconds in the answer. */
function strongest(evidence: readonly Evidence[], competency: string): Quoted[] {
  const quotes = new Map<string, Quoted>();
  for (const { quote, start, end, rule, weight, competency: of } of evidence) {
    if (of !== competency || quote === "") continue;
    const key = `${quote} ${start}`;
    const before = quotes.get(key) ?? { quote, start, end, rules: [], weight: 0 };
    const rules = before.rules.includes(rule) ? before.rules : [...before.rules, rule];
    quotes.set(key, { ...before, rules, weight: before.weight + weight });
  }
  return [...quotes.values()].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, quotesShown);
}

function evidenceLine({ quote, start, end, rules, weight }: Quoted): string {
  const time = start === null || end === null ? "" : ` [${start.toFixed(1)}–${end.toFixed(1)} s]`;
  return `“${cutTo(quoteColumns, quote)}”${time} ${rules.join(", ")} ${weight >= 0 ? "+" : ""}${weight.toFixed(2)}`;
}

function competencyRows(
  scored: CompetencyScore,
  evidence: readonly Evidence[],
  { name, say }: { name: string; say: Say },
): string[][] {
  const quotes = strongest(evidence, scored.competency).map(evidenceLine);
  const score = scored.score === null ? say("result.insufficient") : percent(scored.score);
  const range = scored.score === null ? "" : scored.interval.map(percent).join("–");
  const level = scored.level === null ? "" : ` (${scored.level})`;
  const first = [name, `${scored.weight} %`, `${score}${level}`, range, quotes[0] ?? ""];
  return [first, ...quotes.slice(1).map((quote) => ["", "", "", "", quote])];
}

/** The scorecard as a table: per competency score, level, interval and the evidence with quote and time. */
export function scorecardTable(
  card: Scorecard,
  { rubric, language, say }: { rubric: Rubric; language: Language; say: Say },
): string {
  const { score } = card;
  if (score === null) return say("result.withheld");
  const evidence = score.answers.flatMap((answer) => answer.evidence);
  const nameOf = (id: string): string => {
    const found = rubric.competencies.find((one) => one.id === id);
    return found === undefined ? id : inLanguage(found.name, language);
  };
  const head = ["competency", "weight", "score", "interval", "evidence"].map((column) => say(`column.${column}`));
  const rows = score.competencies.flatMap((one) =>
    competencyRows(one, evidence, { name: nameOf(one.competency), say }),
  );
  const total = score.total === null ? say("result.withheld") : percent(score.total);
  return formatTable(head, [
    ...rows,
    [say("result.total"), `${Math.round(score.coverage * 100)} %`, total, score.interval.map(percent).join("–"), ""],
  ]);
}

/** The questions that were to be answered: all of them, or those of the route that was taken. */
const askedOf = (card: Scorecard, { questions }: Rubric): Rubric["questions"] =>
  card.route === undefined
    ? questions
    : questions.filter(({ id }) => card.route?.steps.some(({ question }) => question === id));

/** Names, for a person, of what an interview that went well would have and this one has not. */
export function missingParts(card: Scorecard, rubric: Rubric): string[] {
  const { score } = card;
  const asked = askedOf(card, rubric);
  const missing: string[] = [];
  const expect = (holds: boolean, name: string): void => {
    if (!holds) missing.push(name);
  };
  expect(card.ended === "complete", `a complete interview (it ended ${card.ended})`);
  expect(card.answers.length === asked.length, `answers to all ${asked.length} questions`);
  expect(
    card.consents.some(({ purpose, given }) => purpose === "scoring" && given),
    "the consent to scoring",
  );
  expect(
    card.media.some(({ stream }) => stream === "mic"),
    "recorded sound",
  );
  expect(
    card.media.some(({ stream }) => stream === "camera"),
    "recorded pictures",
  );
  expect(
    card.framing.some(({ faces }) => faces > 0),
    "a face seen by the camera",
  );
  expect(card.journal.lines.length > 0, "the journal");
  expect(score?.total !== null && score?.total !== undefined, "a total score");
  for (const { id, kind } of asked) {
    const answer = score?.answers.find((one) => one.question === id);
    expect(answer !== undefined && answer.score !== null, `a score of ${id}`);
    expect(answer?.evidence.some(({ quote }) => quote !== "") ?? false, `evidence with a quote for ${id}`);
    if (kind === "spoken")
      expect(answer?.evidence.some(({ start }) => start !== null) ?? false, `evidence with a time for ${id}`);
  }
  for (const { id } of rubric.competencies)
    expect(
      score?.competencies.some((one) => one.competency === id && one.score !== null) ?? false,
      `a score of the competency ${id}`,
    );
  return missing;
}
