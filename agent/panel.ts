import type { Fault } from "../contracts/fault.ts";
import { buttonName } from "../contracts/screen.ts";
import type { Part } from "../runtime/parts.ts";
import type { Dimmer } from "./dimmer.ts";
import type { Health } from "./health.ts";
import type { Reception } from "./reception.ts";
import type { Scene } from "./session/view.ts";
import { lookOf, type StatusLook } from "./statusLook.ts";

type Handlers = {
  signal: AbortSignal;
  onPress: (press: { button: string }) => void;
  onChord: () => void;
  onFault: (button: string, fault: Fault) => void;
  onFreed: (button: string) => void;
};
export type ButtonsOptions = {
  health: Health;
  reception: Reception;
  dimmer: Dimmer;
  /** Loads the drivers; what it gives opens all buttons. */
  load: () => Promise<(handlers: Handlers) => Promise<void>>;
};

/** The buttons of the board; each is kept open by its driver. */
export function buttonsPart({ health, reception, dimmer, load }: ButtonsOptions): Part {
  const ending = new AbortController();
  const stuck = new Set<string>();
  const handlers: Handlers = {
    signal: ending.signal,
    onPress: ({ button }) => {
      health.stamp("buttons");
      dimmer.wake();
      const known = buttonName.safeParse(button);
      if (known.success) reception.press(known.data);
    },
    onChord: () => reception.serve(),
    onFault: (button, fault) => {
      health.count(fault, "buttons");
      if (fault.code !== "button.stuck") return;
      stuck.add(button);
      health.say("buttons", "degraded", fault.code);
    },
    onFreed: (button) => {
      stuck.delete(button);
      if (stuck.size === 0) health.say("buttons", "working");
    },
  };
  return {
    name: "buttons",
    start: async () => {
      const open = await load();
      void open(handlers).catch((error) => health.count(error, "buttons"));
    },
    stop: async () => ending.abort(),
  };
}

type KeptLight = { start(): void; show(look: StatusLook): void; stop(): Promise<void> };

/** The board's status light: it follows the page. */
export class StatusLight implements Part {
  readonly name = "status light";
  readonly #load: () => Promise<KeptLight | undefined>;
  #look: StatusLook = "off";
  #light: KeptLight | undefined;

  /** `load` gives the light, or nothing where the board has none. */
  constructor(load: () => Promise<KeptLight | undefined>) {
    this.#load = load;
  }

  async start(): Promise<void> {
    this.#light = await this.#load();
    this.#light?.start();
    this.#light?.show(this.#look);
  }

  async stop(): Promise<void> {
    await this.#light?.stop();
  }

  /** The page turned to this. */
  saw(scene: Scene): void {
    this.#look = lookOf(scene);
    this.#light?.show(this.#look);
  }
}
