import type { CaptureRequest, Stream } from "../../contracts/capture.ts";
import type { Identity } from "../../contracts/identity.ts";
import type { InferenceRequest } from "../../contracts/inference.ts";
import type { JudgeRequest } from "../../contracts/judge.ts";
import type { CentreTime } from "../centreTime.ts";
import type { Journal } from "../journal.ts";
import type { Orders } from "../orders.ts";
import type { Outbox } from "../outbox.ts";
import type { Effect, EffectName, EffectOf } from "../session/effect.ts";
import type { Session } from "../session/state.ts";
import type { SessionFolder, SessionStore } from "../sessionStore.ts";
import type { Prompts } from "../speaker.ts";

/** What effects act on besides the session itself; the same for all sessions of this start. */
export type Surroundings = {
  identity: Identity;
  outbox: Outbox;
  orders: Orders;
  store: SessionStore;
  time: CentreTime;
  capture: (stream: Stream, request: CaptureRequest) => void;
  inference: (request: InferenceRequest) => void;
  judge: (request: JudgeRequest) => void;
  speaker: Prompts;
  /** Where the camera process hands out live pictures. */
  picturesPath: string;
};

/** Everything an executor needs. */
export type Context = Surroundings & {
  session: () => Session;
  folder: SessionFolder;
  journal: Journal;
  wake: (wake: EffectOf<"wake">) => void;
  /** The program that stands on the page is no longer needed. */
  dropDraft: () => Promise<void>;
  closed: () => Promise<void>;
};

export type Executors<N extends EffectName> = {
  [E in N]: (effect: EffectOf<E>, context: Context) => void | Promise<void>;
};
export type { Effect };
