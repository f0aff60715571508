import { z } from "zod";
import { asFault, Fault } from "../../contracts/fault.ts";
import { opaqueId, tenantId as tenantIdOf } from "../../contracts/ids.ts";
import type { ExternalReference } from "../../contracts/order.ts";
import { minutes } from "../../contracts/units.ts";
import type { Vacancy } from "../../contracts/vacancy.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { parse } from "../../runtime/parse.ts";
import type { Part } from "../../runtime/parts.ts";
import type { PulledApplication, SourceConnection } from "../adapters/source.ts";
import { sourceNamed } from "../adapters/sources.ts";
import { branchPath, type Caller } from "./access.ts";
import { keepApplications, prepareApplication } from "./applications.ts";
import type { IssueOptions } from "./issue.ts";
import type { Verdict } from "./orders.ts";
import type { HrStore, HrTables } from "./store.ts";
import { uploadSource } from "./upload/upload.ts";
import { vacanciesOf } from "./vacancies.ts";

const newSource = z.strictObject({
  tenantId: tenantIdOf,
  /** Orders are for vacancies of this branch and those below it. */
  branch: branchPath.default("/"),
  name: opaqueId,
  adapter: z.string(),
  settings: z.unknown(),
});

/** Says from where a tenant's applications are pulled; one of the same name goes on from its watermark. @throws Fault use.invalid, config.invalid */
export async function setSource(store: HrStore, wanted: z.input<typeof newSource>): Promise<void> {
  const { settings, ...source } = parse(newSource, wanted, { what: "the source", otherwise: "use.invalid" });
  if (source.name === uploadSource)
    throw new Fault("use.invalid", `${uploadSource} is the centre's own: choose another name`);
  const options = parse(sourceNamed(source.adapter).options, settings, {
    what: "the source's settings",
    otherwise: "config.invalid",
  });
  const row = { ...source, settings: JSON.stringify(options) };
  await store
    .insertInto("sources")
    .values({ ...row, watermark: null, pulledAt: null, fault: null, message: null })
    .onConflict((conflict) => conflict.columns(["tenantId", "name"]).doUpdateSet(row))
    .execute();
}

export type SourceRow = HrTables["sources"];
type Outcome = "new" | "superseded" | "same" | "problems";
type Counts = Record<Outcome, number>;
/** What became of each application in one pull; a page may begin with the last of the one before. */
type Outcomes = Map<string, Outcome>;

/** An application that became no order is asked about again with each pull, so many at once, those asked longest ago first. */
const mostRetried = 200;

/** What one pull works with. */
type Pull = { row: SourceRow; caller: Caller; vacancies: readonly [string, Vacancy][]; issue: IssueOptions };

const isSame = (one: ExternalReference, other: ExternalReference): boolean =>
  one.system === other.system && one.type === other.type && one.id === other.id;

async function take(pulled: PulledApplication, { row, caller, vacancies, issue }: Pull): Promise<Verdict> {
  const { requisition, ...own } = pulled;
  const found = vacancies.find(([, { role }]) => role.external.some((one) => isSame(one, requisition)));
  if (found === undefined)
    throw new Fault(
      "order.invalid",
      `no vacancy names requisition ${requisition.id} of ${requisition.system} among role.external: set one, or leave it out by the source's filter`,
      { field: "role.external" },
    );
  const [vacancyId, vacancy] = found;
  const taken = await prepareApplication({ ...own, source: row.name, vacancyId, vacancy }, caller, issue);
  await keepApplications([taken], caller, issue);
  return taken.prepared.verdict;
}

/** Keeps why an application became no order, for a person to see; undefined: it did. */
async function noteProblem(applicationId: string, fault: Fault | undefined, { row, issue }: Pull): Promise<void> {
  const { store, clock } = issue;
  const { tenantId, branch, name: source } = row;
  if (fault === undefined) {
    const problems = store.deleteFrom("pullProblems").where("tenantId", "=", tenantId).where("source", "=", source);
    await problems.where("applicationId", "=", applicationId).execute();
    return;
  }
  const problem = {
    ...{ tenantId, branch, source, applicationId },
    ...{ fault: fault.code, message: fault.message, at: clock.wall() },
  };
  await store
    .insertInto("pullProblems")
    .values(problem)
    .onConflict((conflict) => conflict.columns(["tenantId", "source", "applicationId"]).doUpdateSet(problem))
    .execute();
}

/** One that cannot be taken keeps no other from it. A failure of ours ends the pull: it is done again. */
async function takeAll(applications: readonly PulledApplication[], pull: Pull, outcomes: Outcomes): Promise<void> {
  const names = { new: "new", supersede: "superseded", same: "same" } as const;
  for (const one of applications) {
    const outcome = await take(one, pull).catch((error: unknown) => asFault(error));
    if (outcome instanceof Fault && (outcome.code === "internal" || outcome.retryable)) throw outcome;
    const told = outcome instanceof Fault ? "problems" : names[outcome];
    if (told !== "same" || !outcomes.has(one.applicationId)) outcomes.set(one.applicationId, told);
    await noteProblem(one.applicationId, outcome instanceof Fault ? outcome : undefined, pull);
  }
}

async function retryProblems(connection: SourceConnection, pull: Pull, use: Pulling): Promise<void> {
  const { row, issue } = pull;
  const rows = await issue.store
    .selectFrom("pullProblems")
    .select("applicationId")
    .where("tenantId", "=", row.tenantId)
    .where("source", "=", row.name)
    .orderBy("at")
    .limit(mostRetried)
    .execute();
  if (rows.length === 0) return;
  const ids = rows.map(({ applicationId }) => applicationId);
  const there = await connection.named(ids, use.signal);
  for (const id of ids.filter((one) => !there.some(({ applicationId }) => applicationId === one)))
    await noteProblem(id, undefined, pull);
  await takeAll(there, pull, use.outcomes);
}

type Pulling = { outcomes: Outcomes; signal: AbortSignal };

async function pullPages(connection: SourceConnection, pull: Pull, { outcomes, signal }: Pulling): Promise<void> {
  const { row, issue } = pull;
  let { watermark } = row;
  for (;;) {
    const page = await connection.changedSince(watermark, signal);
    await takeAll(page.applications, pull, outcomes);
    watermark = page.watermark;
    // After the page: what a crash in between repeats is known by its id.
    await update(issue.store, row, { watermark });
    if (!page.more) return;
  }
}

const update = async (
  store: HrStore,
  { tenantId, name }: SourceRow,
  change: Partial<Pick<SourceRow, "watermark" | "pulledAt" | "fault" | "message">>,
): Promise<void> => {
  await store.updateTable("sources").set(change).where("tenantId", "=", tenantId).where("name", "=", name).execute();
};

function counted(outcomes: Outcomes): Counts {
  const counts: Counts = { new: 0, superseded: 0, same: 0, problems: 0 };
  for (const outcome of outcomes.values()) counts[outcome] += 1;
  return counts;
}

/** Pulls applications, each source by one at a time, and takes them as orders. */
export class Puller {
  readonly #issue: IssueOptions;
  readonly #wake: () => void;
  readonly #ending = new AbortController();
  readonly #running = new Map<string, Promise<Counts>>();

  constructor(issue: IssueOptions, wake: () => void) {
    this.#issue = issue;
    this.#wake = wake;
  }

  /** A pull that runs already is waited for. @throws Fault what the source refused; it stands with the source too */
  pull(row: SourceRow): Promise<Counts> {
    const key = `${row.tenantId}/${row.name}`;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const work = this.#pull(row).finally(() => this.#running.delete(key));
    this.#running.set(key, work);
    return work;
  }

  /** Every source once; what one refuses stands with it and keeps no other waiting. */
  async pullAll(log: Log): Promise<void> {
    for (const row of await this.#issue.store.selectFrom("sources").selectAll().execute())
      await this.pull(row).catch((error: unknown) => {
        if (!this.#ending.signal.aborted)
          log.warn({ err: error, code: asFault(error).code, source: row.name }, "applications could not be pulled");
      });
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#running.values());
  }

  async #pull(row: SourceRow): Promise<Counts> {
    const { store, clock } = this.#issue;
    const { signal } = this.#ending;
    const outcomes: Outcomes = new Map();
    const caller: Caller = { tenantId: row.tenantId, branch: row.branch, scopes: ["orders:write"] };
    const connection = sourceNamed(row.adapter).open(JSON.parse(row.settings), { clock });
    try {
      const vacancies = [...(await vacanciesOf(store, caller))];
      const pull = { row, caller, vacancies, issue: this.#issue };
      await retryProblems(connection, pull, { outcomes, signal });
      await pullPages(connection, pull, { outcomes, signal });
      await update(store, row, { pulledAt: clock.wall(), fault: null, message: null });
      return counted(outcomes);
    } catch (error) {
      const { code: fault, message } = asFault(error);
      if (!signal.aborted) await update(store, row, { pulledAt: clock.wall(), fault, message });
      throw error;
    } finally {
      connection.close();
      this.#wake();
    }
  }
}

const pullEvery = minutes(5);

/** Pulls from every source at start and every few minutes. */
export function pullingPart(puller: Puller, { clock, log }: { clock: Clock; log: Log }): Part {
  let end = (): void => undefined;
  const pull = (): Promise<void> =>
    puller.pullAll(log).catch((error: unknown) => log.error({ err: error }, "the sources could not be read"));
  return {
    name: "pulling",
    start: async () => {
      // Not waited for: a source that hangs must not keep hr from starting.
      void pull();
      end = clock.every(pullEvery, pull);
    },
    stop: async () => {
      end();
      await puller.stop();
    },
  };
}
