import { Fault } from "../../contracts/fault.ts";
import type { Language } from "../../contracts/language.ts";
import type { Problem } from "./cells.ts";

/** Cells of a workbook that could not be taken: all of them, each with its remedy. */
export class BadCells extends Fault {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[], language: Language) {
    const counted =
      language === "en"
        ? `${file}: ${problems.length === 1 ? "a cell needs" : `${problems.length} places need`} a change, nothing was written`
        : `${file}：有 ${problems.length} 处需要修改，没有写入任何内容`;
    const each = problems.map(({ cell, message }) => `  ${cell}: ${message[language]}`);
    super("config.invalid", [counted, ...each].join("\n"), { field: problems[0]?.cell ?? "" });
    this.problems = problems;
  }

  override toJSON(): ReturnType<Fault["toJSON"]> & { problems: readonly Problem[] } {
    return { ...super.toJSON(), problems: this.problems };
  }
}
