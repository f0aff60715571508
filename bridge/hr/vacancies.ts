import { Fault } from "../../contracts/fault.ts";
import { stalePrompt } from "../../contracts/prompt.ts";
import { type Vacancy, vacancy as vacancyShape } from "../../contracts/vacancy.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { parse, parseJson } from "../../runtime/parse.ts";
import { branchPath, type Caller } from "./access.ts";
import type { IssueOptions } from "./issue.ts";
import { type HrStore, isWithin, ofBranch } from "./store.ts";

/** Keeps what the orders of a vacancy share. Orders that are there stay as they are. @throws Fault order.invalid, rubric.*, token.scope */
export async function setVacancy(
  vacancyId: string,
  body: unknown,
  { caller, store, clock }: Pick<IssueOptions, "store" | "clock"> & { caller: Caller },
): Promise<void> {
  const wanted = parse(vacancyShape, body, { what: "the vacancy", otherwise: "order.invalid" });
  const branch = parse(branchPath, wanted.branch, { what: "the vacancy's branch", otherwise: "order.invalid" });
  if (!isWithin(branch, caller.branch))
    throw new Fault("token.scope", `this token reaches no further than branch ${caller.branch}`, { field: "branch" });
  const stale = stalePrompt(wanted.rubric, sha256);
  if (stale !== undefined)
    throw new Fault("rubric.prompt", `rubric.${stale}: the prompt is of an older text: run candor bank render again`, {
      field: `rubric.${stale}`,
    });
  const { tenantId } = caller;
  const there = await store
    .selectFrom("vacancies")
    .select("branch")
    .where("tenantId", "=", tenantId)
    .where("vacancyId", "=", vacancyId)
    .executeTakeFirst();
  if (there !== undefined && !isWithin(there.branch, caller.branch))
    throw new Fault("order.stale", "this vacancy id is taken: choose another", { field: "vacancyId" });
  const row = { tenantId, branch, vacancyId, document: JSON.stringify(wanted), changedAt: clock.wall() };
  await store
    .insertInto("vacancies")
    .values(row)
    .onConflict((conflict) => conflict.columns(["tenantId", "vacancyId"]).doUpdateSet(row))
    .execute();
}

/** The vacancies that a caller may see, by their ids. */
export async function vacanciesOf(store: HrStore, caller: Caller): Promise<Map<string, Vacancy>> {
  const rows = await store
    .selectFrom("vacancies")
    .select(["vacancyId", "document"])
    .where("tenantId", "=", caller.tenantId)
    .where(ofBranch(caller.branch))
    .execute();
  return new Map(
    rows.map((row) => [
      row.vacancyId,
      parseJson(vacancyShape, row.document, { what: "a stored vacancy", otherwise: "internal" }),
    ]),
  );
}
