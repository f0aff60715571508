import { asFault, Fault, type FaultCode } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import type { DriverContext } from "../../drivers/port.ts";
import { deadline } from "../../runtime/clock.ts";
import { type GateResult, remedyOf } from "./gates.ts";

/** What the test of one part came to. */
export type PartReport = {
  part: string;
  /** `passed`: opened, and every gate passed · `failed`: a fault or a gate · `skipped`: not tested, and `why`. */
  state: "passed" | "failed" | "skipped";
  gates: GateResult[];
  /** Figures without a gate. */
  figures: Record<string, number | string>;
  fault?: { code: FaultCode; message: string };
  /** What to do about the fault. */
  remedy?: string;
  why?: string;
};
/** What a test found out. `skip`: why it could not be made; nothing is wrong with the part then. */
export type Found = { gates?: GateResult[]; figures?: Record<string, number | string>; skip?: string };

/** One part to be tested; `limit`: after that long it counts as stalled. */
export type PartTest = {
  readonly part: string;
  readonly limit?: Millis;
  /** The code of a test that ran out of time. */
  readonly late: FaultCode;
  test(signal: AbortSignal): Promise<Found>;
};

const patience = seconds(20);

/** A part that another process holds is at work: nothing is known against it. */
const atWork = (code: FaultCode): boolean => code.endsWith(".busy");

/** Tests one part under its deadline. Never throws: what goes wrong is what is reported. */
export async function testPart({ part, limit = patience, late, test }: PartTest): Promise<PartReport> {
  const tooLate = (): Fault => new Fault(late, `${part} did not answer within ${Math.round(limit / 1000)} s`);
  try {
    const { gates = [], figures = {}, skip } = await deadline(limit, tooLate, test);
    if (skip !== undefined) return { part, state: "skipped", gates, figures, why: skip };
    return { part, state: gates.every(({ passed }) => passed) ? "passed" : "failed", gates, figures };
  } catch (error) {
    const fault = asFault(error);
    const { code, message } = fault;
    const empty = { part, gates: [], figures: {} };
    if (atWork(code))
      return { ...empty, state: "skipped", why: `it is held by another process and at work: ${message}` };
    return { ...empty, state: "failed", fault: { code, message }, remedy: remedyOf(code) };
  }
}

/** Opens, works, and closes whatever comes. */
export async function using<Port extends { close(): void }, Result>(
  open: Promise<Port>,
  work: (port: Port) => Promise<Result>,
): Promise<Result> {
  const port = await open;
  try {
    return await work(port);
  } finally {
    port.close();
  }
}

export type TestContext = DriverContext & {
  /** A line for the person who watches. */
  tell: (line: string) => void;
};
