import { conformance, faults, presses } from "./conformance.ts";
import { interview } from "./interview.ts";
import type { Plan } from "./plan.ts";
import { power } from "./power.ts";
import { unitsPlan } from "./units.ts";

/** What the bench can show, in the order in which it does. */
export const plans: readonly Plan[] = [conformance, faults, interview, unitsPlan, presses, power];
