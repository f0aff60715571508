import type { Stream } from "../contracts/capture.ts";
import { Fault } from "../contracts/fault.ts";
import type { Localized } from "../contracts/language.ts";
import type { ConsentPurpose, Retention } from "../contracts/policy.ts";

/** What a policy, a notice or an auditor needs to know of a signal before it is computed. */
export type SignalFacts = {
  /** Unique; what a policy's `bannedSignals` names. */
  id: string;
  summary: Localized;
  stream: Stream;
  /** Why it is computed: `evidence` may reach a score, `quality` says how far to trust it, `prompt` guides the candidate and is never part of a score. */
  purpose: "evidence" | "quality" | "prompt";
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

/** The signals a policy leaves. A banned one cannot be had: `load` throws policy.banned. */
export type SignalSet<Known extends Record<string, SignalFacts>> = {
  allows(id: keyof Known & string): boolean;
  /** Throws policy.banned. */
  load<Id extends keyof Known & string>(id: Id): Known[Id];
  readonly loaded: readonly string[];
};

/**
 * The set of `known` without what `banned` names and without what is computed from a banned one. An id that is not
 * known may be banned: a policy outlives versions of the program.
 */
export function allowedSignals<Known extends Record<string, SignalFacts>>(
  known: Known,
  banned: readonly string[],
): SignalSet<Known> {
  const refused = new Set<string>(banned);
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
