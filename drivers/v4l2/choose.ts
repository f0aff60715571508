import type { Format, Rates, Sizes } from "./formats.ts";

export type Picture = { readonly width: number; readonly height: number; readonly framesPerSecond: number };
/** `pixels` as ffmpeg names it (`-input_format`). */
export type Choice = Picture & { readonly pixels: string };

/**
 * The formats that are read, the best first: raw pictures cost no decoding and have lost nothing yet; those with half
 * the colour are what H.264 keeps anyway. `bytes`: a raw pixel's. H.264 is left out: nothing tells how far apart a
 * camera sets its key frames.
 */
const readable: Readonly<Record<string, { name: string; bytes?: number }>> = {
  NV12: { name: "nv12", bytes: 1.5 },
  YU12: { name: "yuv420p", bytes: 1.5 },
  YUYV: { name: "yuyv422", bytes: 2 },
  UYVY: { name: "uyvy422", bytes: 2 },
  "422P": { name: "yuv422p", bytes: 2 },
  MJPG: { name: "mjpeg" },
  JPEG: { name: "mjpeg" },
  RGB3: { name: "rgb24", bytes: 3 },
  BGR3: { name: "bgr24", bytes: 3 },
  GREY: { name: "gray", bytes: 1 },
};
const order = Object.keys(readable);

/** A larger picture than the wish is taken up to so many times its pixels: beyond, it would cost more than it shows. */
const mostPixels = 2.25;

/** A number that the device can be set to, at `wish` or as little above as its steps allow; `most` where it ends before. */
function within(wish: number, { least, most, step }: { least: number; most: number; step: number }): number {
  const above = least + Math.ceil(Math.max(0, wish - least) / step) * step;
  return above <= most ? above : least + Math.floor((most - least) / step) * step;
}

function sizeNear(wish: Picture, { least, most, step }: Sizes): { width: number; height: number } {
  const along = (side: "width" | "height"): number =>
    within(wish[side], { least: least[side], most: most[side], step: step[side] });
  return { width: along("width"), height: along("height") };
}

/** The slowest rate that is not slower than the wish, else the fastest. A device that names none gives what it is fed. */
function rateNear(wish: number, rates: Rates | undefined): number {
  if (rates === undefined) return wish;
  if (!("discrete" in rates)) return Math.min(Math.max(wish, rates.least), rates.most);
  // What v4l2-ctl prints is rounded: 29.97 stands for 30000/1001.
  const enough = rates.discrete.filter((rate) => rate >= wish - 0.05);
  return enough.length > 0 ? Math.min(...enough) : Math.max(...rates.discrete);
}

type Offer = Choice & { bus: number; rank: number };

function offers(wish: Picture, format: Format): Offer[] {
  const known = readable[format.pixels];
  if (known === undefined) return [];
  const sizes: readonly Sizes[] =
    format.sizes.length > 0 ? format.sizes : [{ least: wish, most: wish, step: { width: 1, height: 1 } }];
  return sizes.map((one) => {
    const size = sizeNear(wish, one);
    const framesPerSecond = rateNear(wish.framesPerSecond, one.rates);
    const bus = (known.bytes ?? 0) * size.width * size.height * framesPerSecond;
    return { ...size, framesPerSecond, pixels: known.name, bus, rank: order.indexOf(format.pixels) };
  });
}

/** How far a size is from the wish; the classes in order: it covers the wish, it is smaller, it is far too large. */
function distance(wish: Picture, { width, height }: Choice): readonly [number, number] {
  const share = (width * height) / (wish.width * wish.height);
  if (share > mostPixels) return [2, share];
  return width >= wish.width && height >= wish.height ? [0, share] : [1, -share];
}

function compare(wish: Picture, a: Offer, b: Offer): number {
  const [ofA, ofB] = [distance(wish, a), distance(wish, b)];
  const reached = ({ framesPerSecond }: Offer): number => Math.min(framesPerSecond, wish.framesPerSecond - 0.05);
  return ofA[0] - ofB[0] || ofA[1] - ofB[1] || reached(b) - reached(a) || a.rank - b.rank;
}

/**
 * What a camera is opened with, nearest to the wish. First the size: the smallest that covers the wish (a picture is
 * never made larger), else the largest; one of far too many pixels only where there is no other. Then the rate: not
 * slower than the wish, else the fastest. Then raw before MJPEG, as far as `busBytes`, what the camera's bus carries a
 * second, allows. Undefined: it offers nothing that can be read.
 */
export function choose(
  wish: Picture,
  formats: readonly Format[],
  busBytes = Number.POSITIVE_INFINITY,
): Choice | undefined {
  const [best] = formats
    .flatMap((format) => offers(wish, format))
    .filter(({ bus }) => bus <= busBytes)
    .toSorted((a, b) => compare(wish, a, b));
  if (best === undefined) return undefined;
  const { pixels, width, height, framesPerSecond } = best;
  return { pixels, width, height, framesPerSecond };
}

const across = ({ least, most }: Sizes): string =>
  least.width === most.width && least.height === most.height
    ? `${least.width}×${least.height}`
    : `${least.width}×${least.height} to ${most.width}×${most.height}`;

/** What is offered, for the person who has to give another wish. */
export const tell = (formats: readonly Format[]): string =>
  formats.length === 0
    ? "nothing"
    : formats.map(({ pixels, sizes }) => `${pixels.trim()} ${sizes.map(across).join(", ")}`.trim()).join("; ");
