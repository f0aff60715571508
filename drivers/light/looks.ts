import { type Millis, millis, seconds } from "../../contracts/units.ts";
import type { Look } from "../port.ts";

/** Shares of full brightness, 0 to 1. A light that is only on or off is lit from 0.5 on. */
export type Colour = { readonly red: number; readonly green: number; readonly blue: number };

/** One colour for a while. With `spin` a ring shows it as a point that goes round once a cycle; other lights show it whole. */
export type Frame = { readonly millis: Millis; readonly colour: Colour; readonly spin?: boolean };

const colour = (red: number, green: number, blue: number): Colour => ({ red, green, blue });
export const dark: Colour = colour(0, 0, 0);
const red = colour(1, 0, 0);
const green = colour(0, 1, 0);
const blue = colour(0, 0, 1);
const amber = colour(1, 0.6, 0);
const violet = colour(0.8, 0, 1);

const steady = (shown: Colour): readonly Frame[] => [{ millis: seconds(1), colour: shown }];
const blink = (shown: Colour, length: Millis): readonly Frame[] => [
  { millis: length, colour: shown },
  { millis: length, colour: dark },
];

/**
 * What each look is, over and over. Rhythm as well as colour differs, for lights of one colour and for eyes that do not
 * tell red from green. Only recording is red, and only recording and listening are steady; none blinks more than three
 * times a second (WCAG 2.2, 2.3.1).
 */
export const looks: { readonly [name in Look]: readonly Frame[] } = {
  off: steady(dark),
  // A sign of life that does not ask to be looked at.
  idle: [
    { millis: millis(100), colour: colour(0.6, 0.6, 0.6) },
    { millis: millis(3900), colour: colour(0.05, 0.05, 0.05) },
  ],
  listening: steady(green),
  // Steady from its first frame: whoever looks at any moment sees it.
  recording: steady(red),
  thinking: [
    { millis: millis(800), colour: blue, spin: true },
    { millis: millis(800), colour: colour(0, 0, 0.3), spin: true },
  ],
  fault: blink(amber, millis(250)),
  // Two short ones and a pause.
  help: [...blink(violet, millis(180)), { millis: millis(180), colour: violet }, { millis: millis(860), colour: dark }],
};
