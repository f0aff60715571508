import { begin, decide, fold } from "../../agent/session/decide.ts";
import type { Effect } from "../../agent/session/effect.ts";
import { pressed } from "../../agent/session/press.ts";
import type { Fact, Session } from "../../agent/session/state.ts";
import type { SessionEvent } from "../../contracts/journal.ts";
import type { Order } from "../../contracts/order.ts";
import type { SessionScore } from "../../contracts/scoring.ts";
import type { ButtonName } from "../../contracts/screen.ts";
import { makeRig, orderFor } from "./agent.ts";

/** What the tests of decisions share: a session on its way, by buttons and facts, without any disk or clock. */
const order = orderFor(await makeRig());
export const time = "2026-03-01T09:00:00.000Z";
export const good = { microphone: "good", camera: "good" } as const;

/** A session that remembers its events, so that every test can also fold them. */
export class Run {
  readonly events: SessionEvent[] = [];
  session: Session;
  effects: Effect[];
  at = 0;

  constructor(change: Partial<Order> = {}) {
    const opening: Extract<SessionEvent, { type: "opened" }> = {
      type: "opened",
      version: 1,
      at: 0,
      time,
      sessionId: "s",
      orderId: order.orderId,
      nonce: "n",
      clockQuality: "unknown",
      software: "0",
      bootId: "b",
      origin: 0,
      order: { ...order, ...change },
    };
    this.events.push(opening);
    [this.session, this.effects] = begin(opening);
  }

  take(fact: Fact | undefined): Effect[] {
    if (fact === undefined) return [];
    this.at += 1000;
    const event = { ...fact, at: this.at, time } as SessionEvent;
    this.events.push(event);
    [this.session, this.effects] = decide(this.session, event);
    return this.effects;
  }

  press(...buttons: ButtonName[]): Effect[] {
    return buttons.flatMap((button) => this.take(pressed(this.session, button, { time, check: good })));
  }

  /** The process died and came back; `boot` another one when the machine was started anew. */
  crash(boot = "b"): Effect[] {
    this.session = fold(this.events);
    return this.take({ type: "resumed", bootId: boot, origin: 5, since: this.at });
  }

  analyse(answerId: string): Effect[] {
    const score = {
      answerId,
      question: "",
      score: 0.5,
      interval: [0.4, 0.6] as [number, number],
      evidence: [],
      insufficient: false,
      competencies: {},
    };
    return this.take({ type: "analysed", answerId, content: { observations: null, score } });
  }

  sound(answerId: string, index: number): Effect[] {
    const file = `mic-${String(index).padStart(6, "0")}.sealed`;
    return this.take({
      type: "segmentKept",
      segment: {
        stream: "mic",
        answerId,
        index,
        file,
        offsetMillis: this.at,
        durationMillis: 1000,
        initialisation: false,
        sha256: "",
      },
    });
  }

  stop(answerId: string): Effect[] {
    return this.take({ type: "recordingStopped", answerId, stream: "mic", atMillis: this.at, lost: false });
  }
}

export const names = (effects: readonly Effect[]): string[] => effects.map((one) => one.do);
export const toFirstQuestion = (change: Partial<Order> = {}): Run => {
  const run = new Run(change);
  run.press("start", "A", "A", "B", "start");
  return run;
};
export const scoreOf = (score: number): SessionScore => ({
  scorerVersion: "1",
  rubricId: "rubric",
  rubricVersion: 1,
  answers: [],
  competencies: [],
  total: score,
  interval: [score, score],
  coverage: 1,
  withheld: false,
  models: {},
});
/** All three questions answered; nothing analysed yet. */
export const toAnalysing = (): Run => {
  const run = toFirstQuestion();
  run.press("start");
  run.sound("s-a1", 0);
  run.press("start");
  run.stop("s-a1");
  run.press("B", "start", "start");
  run.sound("s-a3", 1);
  run.press("start");
  run.stop("s-a3");
  return run;
};
