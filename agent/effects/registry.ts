import type { Effect, EffectName } from "../session/effect.ts";
import { analysisExecutors } from "./analysis.ts";
import { captureExecutors } from "./capture.ts";
import type { Context, Executors } from "./context.ts";
import { deliveryExecutors } from "./delivery.ts";
import { judgingExecutors } from "./judging.ts";
import { keepingExecutors } from "./keeping.ts";
import { speakingExecutors } from "./speaking.ts";

/** One executor for each effect: a forgotten one does not compile. */
const executors: Executors<EffectName> = {
  ...captureExecutors,
  ...analysisExecutors,
  ...judgingExecutors,
  ...deliveryExecutors,
  ...keepingExecutors,
  ...speakingExecutors,
};

export async function execute(effect: Effect, context: Context): Promise<void> {
  const run = executors[effect.do] as (effect: Effect, context: Context) => void | Promise<void>;
  await run(effect, context);
}
