import type { RubricIssue } from "./rubricChecks.ts";

/** As much of a question as its program is held against. */
type Asked = {
  kind: string;
  languages?: readonly string[];
  cases?: readonly { name: string }[];
  limits?: { wallSeconds: number };
};

/** A program that sleeps in each of its cases keeps the candidate waiting for the result: at most so long. */
const longestJudgingSeconds = 300;

const duplicate = (ids: readonly string[]): string | undefined => ids.find((id, at) => ids.indexOf(id) !== at);

/** What is wrong with a rubric's code questions besides their form; empty for a rubric that has none. */
export function codeIssues({ questions }: { questions: readonly Asked[] }): RubricIssue[] {
  return questions.flatMap((asked, at) =>
    issuesOf(asked).map(({ field, message }) => ({ path: ["questions", at, field], message })),
  );
}

function issuesOf({ kind, languages = [], cases = [], limits }: Asked): { field: string; message: string }[] {
  if (kind !== "code" || limits === undefined) return [];
  const language = duplicate(languages);
  const name = duplicate(cases.map((one) => one.name));
  const most = Math.floor(longestJudgingSeconds / limits.wallSeconds);
  const crowd = `${cases.length} cases of up to ${limits.wallSeconds} s each are too many to wait for; take at most ${most}, or lower limits.wallSeconds`;
  return [
    ...(language === undefined ? [] : [{ field: "languages", message: `names ${language} twice; name it once` }]),
    ...(name === undefined
      ? []
      : [{ field: "cases", message: `two cases have the name ${JSON.stringify(name)}; give each its own` }]),
    ...(cases.length > most ? [{ field: "cases", message: crowd }] : []),
  ];
}
