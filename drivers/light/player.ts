import { type Millis, millis } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Look } from "../port.ts";
import { type Colour, dark, type Frame, looks } from "./looks.ts";

/** What a light shows now: its colour and, where that goes round a ring, how far it has come (0 to 1). */
export type Painted = { readonly colour: Colour; readonly turn?: number };

/** `changesIn` is infinite for what never changes. */
export type Moment = Painted & { readonly changesIn: Millis };

/** How often a turning point is painted anew. */
const step: Millis = millis(50);

const lengthOf = (frames: readonly Frame[]): Millis => frames.reduce((sum, frame) => sum + frame.millis, 0);

/** What a look shows when it has been shown for so long. */
export function frameAt(look: Look, elapsed: Millis): Moment {
  const frames = looks[look];
  const cycle = lengthOf(frames);
  const into = elapsed % cycle;
  let end = 0;
  for (const { millis: length, colour, spin } of frames) {
    end += length;
    if (into >= end) continue;
    if (spin) return { colour, turn: into / cycle, changesIn: Math.min(step, end - into) };
    return { colour, changesIn: frames.length === 1 ? Number.POSITIVE_INFINITY : end - into };
  }
  throw new RangeError("a look has frames, and the time shown is not negative");
}

export type Player = {
  /** Paints the first frame at once. The same look again goes on as it was. */
  show(look: Look): void;
  /** Dark, until the next look. */
  stop(): void;
};

/** Plays looks on whatever paints a colour. A steady look is painted once and needs no timer. */
export function playLook({ clock, paint }: { clock: Clock; paint: (shown: Painted) => void }): Player {
  let shown: Look | undefined;
  let playing = new AbortController();
  const play = async (look: Look, signal: AbortSignal): Promise<void> => {
    const since = clock.monotonic();
    while (!signal.aborted) {
      const { changesIn, ...painted } = frameAt(look, clock.monotonic() - since);
      paint(painted);
      if (changesIn === Number.POSITIVE_INFINITY) return;
      // Rounded up: a timer of a part of a millisecond would paint the same frame many times.
      await clock.sleep(millis(Math.ceil(changesIn)), signal).catch(() => undefined);
    }
  };
  return {
    show: (look) => {
      if (look === shown) return;
      playing.abort();
      playing = new AbortController();
      shown = look;
      void play(look, playing.signal);
    },
    stop: () => {
      playing.abort();
      shown = undefined;
      paint({ colour: dark });
    },
  };
}
