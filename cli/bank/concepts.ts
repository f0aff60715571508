import type { Concept } from "../../contracts/rubric.ts";
import {
  afterName,
  betweenLines,
  betweenWords,
  escaped,
  marksOf,
  separatorAt,
  splitMarks,
  textOf,
} from "../../runtime/sheets/cells.ts";
import { type Form, ofText, wrong } from "../../runtime/sheets/forms.ts";

/** Stands before terms that belong to every competency, where the rubric says so by an object. */
const everyCompetency = "*";
const inConcept = `${betweenWords}${afterName}`;

function conceptOf(line: ReturnType<typeof marksOf>): Concept | undefined {
  const colon = separatorAt(line, afterName);
  const terms = splitMarks(line.slice(colon + 1), betweenWords)
    .map(textOf)
    .filter((term) => term !== "");
  if (terms.length === 0) return undefined;
  if (colon < 0) return terms;
  const name = line.slice(0, colon);
  const every = name.some(({ char, literal }) => char === everyCompetency && !literal);
  return every && textOf(name) === everyCompetency ? { terms } : { competency: textOf(name), terms };
}

/** One idea a line: "competency: term | term", or its terms alone. */
export const concepts: Form<Concept[]> = ofText(
  (cell) => {
    const said = splitMarks(marksOf(cell), betweenLines).filter((line) => textOf(line) !== "");
    const read = said.map(conceptOf);
    const empty = read.findIndex((one) => one === undefined || ("competency" in one && one.competency === ""));
    if (empty < 0) return { value: read.filter((one) => one !== undefined) };
    const shown = JSON.stringify(textOf(said[empty] ?? []));
    return wrong(
      `${shown} 缺少内容；请写成“能力项编号: 说法 | 说法”，每行一个要点`,
      `${shown} lacks a part; write "competency: term | term", one idea a line`,
    );
  },
  (value) =>
    value
      .map((one) => {
        const terms = (Array.isArray(one) ? one : one.terms).map((term) => escaped(term, inConcept)).join(" | ");
        if (Array.isArray(one)) return terms;
        if (one.competency === undefined) return `${everyCompetency}: ${terms}`;
        const name = one.competency === everyCompetency ? `\\${everyCompetency}` : escaped(one.competency, inConcept);
        return `${name}: ${terms}`;
      })
      .join("\n"),
);
