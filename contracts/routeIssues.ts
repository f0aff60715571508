import type { FollowUp, Route } from "./route.ts";
import type { RubricIssue } from "./rubricChecks.ts";

/** As much of a rubric as its route is held against. */
type Routed = {
  competencies: readonly { id: string }[];
  questions: readonly {
    id: string;
    kind: string;
    competencies?: readonly string[] | undefined;
    followUps?: readonly FollowUp[] | undefined;
    concepts?:
      | Partial<Record<string, readonly (readonly string[] | { terms: readonly string[] })[] | undefined>>
      | undefined;
  }[];
  route?: Route | undefined;
};

type Named = { id: string; path: (string | number)[] };

const quoted = (id: string): string => JSON.stringify(id);

/** What is wrong with a rubric's route and follow-ups; empty for a rubric that has neither. */
export function routeIssues(rubric: Routed): RubricIssue[] {
  const { route } = rubric;
  const followed = followUpsOf(rubric);
  if (route === undefined)
    return followed.slice(0, 1).map(({ path }) => ({
      path: path.slice(0, 3),
      message: "are asked by a route only: give the rubric a `route`, or take them out",
    }));
  const main = placesOf(route);
  const unknown = [...main, ...followed].filter(({ id }) => !rubric.questions.some((one) => one.id === id));
  return [
    ...unknown.map(({ id, path }) => ({
      path,
      message: `names the question ${quoted(id)}, which the rubric does not have`,
      fault: "rubric.reference" as const,
    })),
    ...twiceUsed([...main, ...followed]),
    ...rubric.questions.flatMap((question, at) => followUpIssues(rubric, { question, at })),
    ...(unknown.length > 0 ? [] : poolIssues(rubric, route)),
    ...(unknown.length > 0 ? [] : neverAsked(rubric, { main, followed })),
  ];
}

const followUpsOf = ({ questions }: Routed): Named[] =>
  questions.flatMap(({ followUps = [] }, at) =>
    followUps.map(({ question }, place) => ({ id: question, path: ["questions", at, "followUps", place, "question"] })),
  );

const placesOf = ({ first, pools }: Route): Named[] => [
  ...first.map((id, at) => ({ id, path: ["route", "first", at] })),
  ...pools.flatMap(({ questions }, pool) =>
    questions.map((id, at) => ({ id, path: ["route", "pools", pool, "questions", at] })),
  ),
];

const twiceUsed = (named: readonly Named[]): RubricIssue[] =>
  named
    .filter(({ id }, at) => named.findIndex((one) => one.id === id) !== at)
    .map(({ id, path }) => ({ path, message: `${quoted(id)} has a place in the route already: name it once` }));

const termsOf = (question: Routed["questions"][number]): string[] =>
  Object.values(question.concepts ?? {}).flatMap((groups = []) =>
    groups.flatMap((group) => [...("terms" in group ? group.terms : group)]),
  );

function followUpIssues(rubric: Routed, { question, at }: { question: Routed["questions"][number]; at: number }) {
  return (question.followUps ?? []).flatMap(({ question: id, concept }, place): RubricIssue[] => {
    const path = ["questions", at, "followUps", place];
    const asked = rubric.questions.find((one) => one.id === id);
    const issues: RubricIssue[] = [];
    if (question.kind !== "spoken")
      issues.push({ path, message: "follows a choice, which tells nothing that could be missing: take it out" });
    if (asked !== undefined && asked.kind !== "spoken")
      issues.push({ path: [...path, "question"], message: `${quoted(id)} is a choice: a follow-up is spoken` });
    if ((asked?.followUps ?? []).length > 0)
      issues.push({ path: [...path, "question"], message: `${quoted(id)} has follow-ups itself: take them out` });
    if (concept !== undefined && !termsOf(question).includes(concept))
      issues.push({
        path: [...path, "concept"],
        message: `${quoted(concept)} is no term of a concept of ${quoted(question.id)}: name one as it stands there`,
        fault: "rubric.reference",
      });
    return issues;
  });
}

function poolIssues(rubric: Routed, route: Route): RubricIssue[] {
  return route.pools.flatMap(({ competency, questions, count }, at): RubricIssue[] => {
    const path = ["route", "pools", at];
    const known = rubric.competencies.some(({ id }) => id === competency);
    const issues: RubricIssue[] = [];
    if (!known)
      issues.push({
        path: [...path, "competency"],
        message: `names the competency ${quoted(competency)}, which the rubric does not have`,
        fault: "rubric.reference",
      });
    if (count > questions.length)
      issues.push({
        path: [...path, "count"],
        message: `asks for ${count} of ${questions.length} questions: lower it, or add questions`,
      });
    const strange = questions.findIndex(
      (id) => rubric.questions.find((one) => one.id === id)?.competencies?.includes(competency) === false,
    );
    if (known && strange >= 0)
      issues.push({
        path: [...path, "questions", strange],
        message: `${quoted(questions[strange] ?? "")} does not count towards ${quoted(competency)}: take it out of this pool`,
      });
    return issues;
  });
}

/** A competency that no main question counts towards would never get a score; a question without a place would never be asked. */
function neverAsked(rubric: Routed, named: { main: readonly Named[]; followed: readonly Named[] }): RubricIssue[] {
  const asked = rubric.questions.filter(({ id }) => named.main.some((one) => one.id === id));
  const places = [...named.main, ...named.followed];
  const without = rubric.questions.findIndex(({ id }) => !places.some((one) => one.id === id));
  const bare = rubric.competencies.findIndex(
    ({ id }) => !asked.some((one) => one.competencies === undefined || one.competencies.includes(id)),
  );
  return [
    ...(without < 0
      ? []
      : [{ path: ["questions", without], message: "has no place in the route: name it in `route`, or take it out" }]),
    ...(bare < 0
      ? []
      : [{ path: ["competencies", bare], message: "no question of the route counts towards it: add one to `route`" }]),
  ];
}
