import type { Fault } from "../../contracts/fault.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Colour } from "../light/looks.ts";
import { type Painted, playLook } from "../light/player.ts";
import type { Led } from "../port.ts";
import { mountLed, mountRgb, type RgbLines } from "./io.ts";
import type { OutputLine } from "./lines.ts";

/** Lines that are held, and what puts a colour on them. */
type Lamp = { lines: readonly OutputLine[]; paint: (shown: Painted) => void; unmount: () => void };

/** Closing the light darkens it and closes its lines; the first line that is lost ends it. */
function lightOf({ lines, paint, unmount }: Lamp, clock: Clock): Led {
  const player = playLook({ clock, paint });
  const lost: ((fault: Fault) => void)[] = [];
  let over = false;
  const end = (): void => {
    over = true;
    player.stop();
    unmount();
    for (const line of lines) line.close();
  };
  for (const line of lines)
    line.onLost((fault) => {
      if (over) return;
      end();
      for (const handler of lost) handler(fault);
    });
  return {
    show: (look) => {
      if (!over) player.show(look);
    },
    onLost: (handler) => lost.push(handler),
    close: () => {
      if (!over) end();
    },
  };
}

/** The brightest of the three: a light of one colour shows how bright, not which. */
const brightness = ({ red, green, blue }: Colour): number => Math.max(red, green, blue);

/** A light on one line: lit from half of its brightness on. */
export async function ledOn(line: OutputLine, clock: Clock): Promise<Led> {
  const { component, unmount } = await mountLed(line);
  const paint = ({ colour }: Painted): void => {
    if (brightness(colour) >= 0.5) component.on();
    else component.off();
  };
  return lightOf({ lines: [line], paint, unmount }, clock);
}

/** A light on three lines, each of them lit from half of its colour on. */
export async function rgbOn(lines: RgbLines, clock: Clock): Promise<Led> {
  const { component, unmount } = await mountRgb(lines);
  const paint = ({ colour: { red, green, blue } }: Painted): void => {
    component.color({ red: red * 255, green: green * 255, blue: blue * 255 });
  };
  return lightOf({ lines: [lines.red, lines.green, lines.blue], paint, unmount }, clock);
}
