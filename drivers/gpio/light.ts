import type { Clock } from "../../runtime/clock.ts";
import { type Lamp, lightOf } from "../light/lamp.ts";
import type { Colour } from "../light/looks.ts";
import type { Led } from "../port.ts";
import { mountLed, mountRgb, type RgbLines } from "./io.ts";
import type { OutputLine } from "./lines.ts";

/** A lamp on held lines; closing it closes them. */
function lampOn(lines: readonly OutputLine[], paint: Lamp["paint"], unmount: () => void): Lamp {
  const staysLit = lines.find((line) => line.staysLit !== undefined)?.staysLit;
  return {
    paint,
    onLost: (handler) => {
      for (const line of lines) line.onLost(handler);
    },
    close: () => {
      unmount();
      for (const line of lines) line.close();
    },
    ...(staysLit === undefined ? {} : { staysLit }),
  };
}

/** The brightest of the three: a light of one colour shows how bright, not which. */
const brightness = ({ red, green, blue }: Colour): number => Math.max(red, green, blue);

/** A light on one line: lit from half of its brightness on. */
export async function ledOn(line: OutputLine, clock: Clock): Promise<Led> {
  const { component, unmount } = await mountLed(line);
  const paint: Lamp["paint"] = ({ colour }) => {
    if (brightness(colour) >= 0.5) component.on();
    else component.off();
  };
  return lightOf(lampOn([line], paint, unmount), clock);
}

/** A light on three lines, each of them lit from half of its colour on. */
export async function rgbOn(lines: RgbLines, clock: Clock): Promise<Led> {
  const { component, unmount } = await mountRgb(lines);
  const paint: Lamp["paint"] = ({ colour: { red, green, blue } }) => {
    component.color({ red: red * 255, green: green * 255, blue: blue * 255 });
  };
  return lightOf(lampOn([lines.red, lines.green, lines.blue], paint, unmount), clock);
}
