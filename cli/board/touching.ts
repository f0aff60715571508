import { Fault } from "../../contracts/fault.ts";
import { type Millis, millis, seconds } from "../../contracts/units.ts";
import { openMount } from "../../drivers/mount.ts";
import type { Button, Led, Look } from "../../drivers/port.ts";
import type { Mount, Mounts } from "../../drivers/registry.ts";
import { judge } from "./gates.ts";
import { type Found, type PartTest, type TestContext, using } from "./part.ts";

const looks: readonly Look[] = ["idle", "listening", "recording", "thinking", "fault", "help", "off"];
const lookMillis = millis(250);
const watched: Millis = millis(800);
/** How long a person may take to find a button. */
const finding = seconds(20);

/** Rejects as soon as the part says that its hardware is lost. */
const untilLost = (part: Pick<Button, "onLost"> | Pick<Led, "onLost">): Promise<never> =>
  new Promise((_, reject) => part.onLost(reject));

/** Each look is shown; a person sees whether it shines. A recording line that its capture process holds is at work. */
export function ledTest(name: string, mount: Mount<"led">, context: TestContext): PartTest {
  return {
    part: `light ${name}`,
    late: "led.lost",
    test: (signal) =>
      using(openMount("led", mount, context), async (led) => {
        const show = async (): Promise<Found> => {
          for (const look of looks) {
            led.show(look);
            await context.clock.sleep(lookMillis, signal);
          }
          return { figures: { shown: looks.join(", ") } };
        };
        return Promise.race([show(), untilLost(led)]);
      }),
  };
}

/** The button opens, stays, and is not held down by something: a press while nobody was asked that does not end. */
export function buttonTest(name: string, mount: Mount<"button">, context: TestContext): PartTest {
  return {
    part: `button ${name}`,
    late: "button.lost",
    test: (signal) =>
      using(openMount("button", mount, context), async (button) => {
        let [closed, presses] = [false, 0];
        button.onPress(() => {
          closed = true;
          presses++;
        });
        button.onRelease(() => {
          closed = false;
        });
        await Promise.race([context.clock.sleep(watched, signal), untilLost(button)]);
        if (closed) throw new Fault("button.stuck", `button ${name} is held down, or its contact is stuck`);
        return { figures: presses === 0 ? {} : { presses } };
      }),
  };
}

export type LoopOptions = TestContext & {
  /** Tells a person which button to press; the light shows help meanwhile. */
  ask: (button: string) => void;
  patience?: Millis;
};

/** A press within the patience, true; else false. */
function pressed(button: Button, { clock, patience = finding, signal }: LoopOptions & { signal: AbortSignal }) {
  const enough = new AbortController();
  const press = new Promise<boolean>((resolve) => button.onPress(() => resolve(true)));
  const late = clock.sleep(patience, AbortSignal.any([signal, enough.signal])).then(
    () => false,
    () => false,
  );
  return Promise.race([press, late, untilLost(button)]).finally(() => enough.abort());
}

/** F9: a light asks for each button in turn, and each has to be pressed. */
export function lightAndButtonLoop({ buttons, leds }: Mounts, options: LoopOptions): PartTest {
  const names = Object.keys(buttons);
  const lamp = leds.status ?? leds["recording-mic"];
  const { patience = finding } = options;
  return {
    part: "lights and buttons",
    late: "button.lost",
    limit: seconds(10) + names.length * patience,
    test: (signal) =>
      using(openMount("led", lamp, options), async (led) => {
        const missed: string[] = [];
        for (const [name, mount] of Object.entries(buttons)) {
          const came = await using(openMount("button", mount, options), (button) => {
            led.show("help");
            options.ask(name);
            return pressed(button, { ...options, signal });
          });
          if (!came) missed.push(name);
          led.show("off");
        }
        return {
          gates: [judge("buttons.pressed", (names.length - missed.length) / Math.max(1, names.length))],
          figures: missed.length === 0 ? {} : { missed: missed.join(", ") },
        };
      }),
  };
}
