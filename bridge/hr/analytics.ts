import { anonymityFloor, meanOf, shareInterval, withheld } from "../../inference/scoring/cells.ts";
import type { Caller } from "./access.ts";
import { type Held, heldScores } from "./shortlists.ts";
import type { HrStore } from "./store.ts";

const bands = [0, 0.2, 0.4, 0.6, 0.8] as const;
const bandOf = (score: number): number => Math.min(bands.length - 1, Math.floor(score / 0.2 + 1e-9));

function distribution(scores: readonly number[]) {
  const counts = bands.map((_, at) => scores.filter((score) => bandOf(score) === at).length);
  const { hidden } = withheld(counts);
  return bands.map((from, at) => {
    const count = hidden[at] ? null : (counts[at] ?? 0);
    const share = count === null ? null : count / scores.length;
    return { from, count, share, interval: count === null ? null : shareInterval(count, scores.length) };
  });
}

/** What is said of a cell; where it is withheld, nothing but its name. */
function cell(rubricId: string, all: readonly Held[], hidden: boolean) {
  if (hidden) return { rubricId, withheld: true, n: null, mean: null, interval: null, distribution: null };
  const scores = all.flatMap(({ values }) => values.total?.score ?? []);
  const { mean = null, interval = null } = meanOf(scores) ?? {};
  return { rubricId, withheld: false, n: scores.length, mean, interval, distribution: distribution(scores) };
}

/** How totals lie in each rubric, as they hold now; what fewer than `anonymityFloor` people make up is withheld. */
export async function analyticsOf(store: HrStore, caller: Caller) {
  const scored = (await heldScores(store, caller)).filter(({ values }) => (values.total?.score ?? null) !== null);
  const names = [...new Set(scored.map(({ score }) => score.rubricId))].sort();
  // Who was interviewed twice is one person: the floor is of people.
  const people = (group: readonly Held[]): Held[] => [...new Map(group.map((one) => [one.candidateRef, one])).values()];
  const groups = names.map((name) => people(scored.filter(({ score }) => score.rubricId === name)));
  const { hidden, sum } = withheld(groups.map(({ length }) => length));
  return {
    floor: anonymityFloor,
    n: sum ? people(scored).length : null,
    rubrics: names.map((name, at) => cell(name, groups[at] ?? [], hidden[at] ?? true)),
  };
}

type Analytics = Awaited<ReturnType<typeof analyticsOf>>;
const quoted = (text: string): string => `"${text.replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`;

/** One line for each rubric; what is withheld is empty. */
export const analyticsCsv = ({ rubrics }: Analytics): string =>
  [
    "rubricId,withheld,n,mean,low,high",
    ...rubrics.map(({ rubricId, withheld: hidden, n, mean, interval }) =>
      [quoted(rubricId), hidden, n, mean, interval?.[0], interval?.[1]].map((one) => one ?? "").join(","),
    ),
    "",
  ].join("\r\n");
