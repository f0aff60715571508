import type { Millis } from "../../../contracts/units.ts";
import { seconds } from "../../../contracts/units.ts";
import type { Clock } from "../../../runtime/clock.ts";

export type SourceLimits = {
  /** A source that has not begun to answer by then is passed over. */
  answer: Millis;
  /** A download that brings no byte for so long is given up; what came is kept. */
  stall: Millis;
  /** The whole of one package download by pip or npm. */
  package: Millis;
};
export const sourceLimits: SourceLimits = { answer: seconds(5), stall: seconds(30), package: seconds(900) };

/** What one fetch shares among its sources. */
export type SourceContext = {
  clock: Clock;
  limits: SourceLimits;
  /** A folder of this fetch alone; removed at its end, with every package in it. */
  workspace: string;
  signal: AbortSignal | undefined;
  /** Bytes of the file that are there so far. */
  onBytes(bytes: number): void;
  /** Packages that were asked for in this fetch, by specifier: each is downloaded, or found dead, once. */
  packages: Map<string, Promise<string>>;
  /** Hosts that did not answer in this fetch: not asked again. */
  deadHosts: Set<string>;
};
