import type { Stream } from "../contracts/capture.ts";
import { Fault } from "../contracts/fault.ts";
import type { Language } from "../contracts/language.ts";
import type { ConsentPurpose, Retention } from "../contracts/policy.ts";

/** A text in both languages: what a signal states of itself is printed in both (docs/signals.md). */
export type Stated = Readonly<Record<Language, string>>;

/** What a policy, a notice or an auditor needs to know of a signal before it is computed. */
export type SignalFacts = {
  /** Unique; what a policy's `bannedSignals` and `plugins` name. */
  id: string;
  /** What it computes. */
  summary: Stated;
  stream: Stream;
  /** Why it is computed, in a person's words. */
  why: Stated;
  /**
   * What becomes of it: `evidence` may reach a score, `quality` says how far to trust it, `prompt` guides the candidate and
   * is never part of a score. `apart` is a plug-in: off unless the policy names it and the candidate agreed, shown beside
   * the score and never part of it.
   */
  purpose: "evidence" | "quality" | "prompt" | "apart";
  /** Says how the candidate speaks, not what: never computed in an interview with an accommodation. */
  delivery?: true;
  /** The consent without which it may not be computed. */
  consent: ConsentPurpose;
  /** How long its result may be kept, by class of the policy's retention; `none` is never stored. */
  retentionClass: keyof Retention | "none";
  /** Signals whose result it is computed from: banned with them. */
  needs: readonly string[];
  /** Model ids it is computed with. */
  models: readonly string[];
  /** What it takes of the board: time, memory. */
  cost: Stated;
};

/**
 * One signal. `compute` is free of I/O, clock and randomness; a signal over a stream returns an accumulator that is
 * fed as the sound comes.
 */
export type Signal<Input extends unknown[], Output> = SignalFacts & { compute: (...input: Input) => Output };

/** The ids of signals of delivery. */
export const deliverySignals = (known: Readonly<Record<string, SignalFacts>>): string[] =>
  Object.values(known).flatMap((one) => (one.delivery ? [one.id] : []));

export function defineSignal<Input extends unknown[], Output>(signal: Signal<Input, Output>): Signal<Input, Output> {
  return signal;
}

/** The signals a policy leaves. Any other cannot be had: `load` throws policy.banned. */
export type SignalSet<Known extends Record<string, SignalFacts>> = {
  allows(id: keyof Known & string): boolean;
  /** Throws policy.banned. */
  load<Id extends keyof Known & string>(id: Id): Known[Id];
  readonly loaded: readonly string[];
};

/** What a policy says of signals: what it bans, and the plug-ins it allows and the candidate agreed to. */
export type Allowance = { banned: readonly string[]; plugins?: readonly string[] };

/**
 * The set of `known` without what is banned, without plug-ins that are not allowed by name, and without what is computed
 * from either. An id that is not known may stand in both: a policy outlives versions of the program.
 */
export function allowedSignals<Known extends Record<string, SignalFacts>>(
  known: Known,
  { banned, plugins = [] }: Allowance,
): SignalSet<Known> {
  const refused = new Set<string>(banned);
  for (const { id, purpose } of Object.values(known)) if (purpose === "apart" && !plugins.includes(id)) refused.add(id);
  for (let before = -1; before !== refused.size; ) {
    before = refused.size;
    for (const signal of Object.values(known)) if (signal.needs.some((id) => refused.has(id))) refused.add(signal.id);
  }
  const allows = (id: string): boolean => Object.hasOwn(known, id) && !refused.has(id);
  return {
    allows,
    load: (id) => {
      if (!allows(id)) throw new Fault("policy.banned", `the signal ${id} may not be computed under this policy`);
      return known[id];
    },
    loaded: Object.keys(known).filter(allows),
  };
}
