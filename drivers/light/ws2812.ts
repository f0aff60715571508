import type { Colour } from "./looks.ts";
import type { Painted } from "./player.ts";

/**
 * WS2812 over the data line of an SPI bus (Worldsemi's data sheet of the WS2812B: a bit lasts 1.25 µs, high for 0.4 µs as 0
 * and for 0.8 µs as 1). At 2.4 MHz a bit is three of the bus's: 100 and 110.
 */
export const ws2812Hertz = 2_400_000;
/** Newer chips take 280 µs of low as the end of a picture; the first ones took 50. */
const latchMicros = 300;
const latchBytes = (latchMicros * ws2812Hertz) / 8 / 1_000_000;
const bytesEach = 9;

/** A byte as the 24 bits that the bus sends for it. */
function tripled(byte: number): number {
  let bits = 0;
  for (let bit = 7; bit >= 0; bit--) bits = bits * 8 + ((byte >> bit) & 1 ? 0b110 : 0b100);
  return bits;
}

/** The bytes to send for pixels in their order along the line; each takes green, red and blue, highest bit first. */
export function ws2812Bytes(pixels: readonly Colour[], brightness: number): Buffer {
  const bytes = Buffer.alloc(pixels.length * bytesEach + latchBytes);
  for (const [index, { red, green, blue }] of pixels.entries())
    for (const [part, share] of [green, red, blue].entries())
      bytes.writeUIntBE(tripled(Math.round(share * brightness * 255)), index * bytesEach + part * 3, 3);
  return bytes;
}

/** How much of the ring the tail of a turning point takes. */
const tail = 1 / 3;

/** What each of `count` pixels shows: all the same, or a point that goes round with a tail behind it. */
export function ringPixels({ colour, turn }: Painted, count: number): Colour[] {
  return Array.from({ length: count }, (_, index) => {
    if (turn === undefined) return colour;
    const head = Math.floor(turn * count) % count;
    const behind = ((head - index + count) % count) / count;
    const share = Math.max(0, 1 - behind / tail);
    return { red: colour.red * share, green: colour.green * share, blue: colour.blue * share };
  });
}
