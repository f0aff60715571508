/**
 * What a device of V4L2 offers, read from what `v4l2-ctl` of v4l-utils prints. Its words are those of
 * utils/v4l2-ctl/v4l2-ctl-vidcap.cpp and v4l2-ctl-common.cpp; lines that are not known are passed over.
 */

/** Pictures a second; without a bound where the device names none. */
export type Rates = { readonly discrete: readonly number[] } | { readonly least: number; readonly most: number };

/** One size, or every size from the least to the most in steps. */
export type Sizes = {
  readonly least: { readonly width: number; readonly height: number };
  readonly most: { readonly width: number; readonly height: number };
  readonly step: { readonly width: number; readonly height: number };
  /** Absent: the device keeps its rate to itself, as those do that show what others feed them. */
  readonly rates?: Rates;
};

/** `pixels`: the four characters of V4L2. Without sizes the device tells none, as analogue grabbers do. */
export type Format = { readonly pixels: string; readonly compressed: boolean; readonly sizes: readonly Sizes[] };

const formatLine = /^\s*\[\d+\]: '(.{4})(?:-BE)?' \((.*)\)$/;
const sizeLine =
  /^\s*Size: (?:Discrete|Continuous|Stepwise) (\d+)x(\d+)(?: - (\d+)x(\d+)(?: with step (\d+)\/(\d+))?)?$/;
const rateLine = /^\s*Interval: (Discrete|Continuous|Stepwise) .*\((\d+\.\d+)(?:-(\d+\.\d+))? fps\)$/;

type Growing = { pixels: string; compressed: boolean; sizes: { -readonly [K in keyof Sizes]: Sizes[K] }[] };

function sizesOf(line: string): Sizes | undefined {
  const [, ...found] = sizeLine.exec(line) ?? [];
  const [width, height, widest = width, highest = height, across = 1, down = 1] = found.map((text) =>
    text === undefined ? undefined : Number(text),
  );
  if (width === undefined || height === undefined || widest === undefined || highest === undefined) return undefined;
  return {
    least: { width, height },
    most: { width: widest, height: highest },
    step: { width: across, height: down },
  };
}

function withRate(rates: Rates | undefined, [, kind, first, second]: RegExpExecArray): Rates {
  const low = Number(first);
  if (kind !== "Discrete") return { least: low, most: Number(second ?? first) };
  return { discrete: [...(rates !== undefined && "discrete" in rates ? rates.discrete : []), low] };
}

/** Reads `v4l2-ctl --list-formats-ext`. */
export function parseFormats(said: string): Format[] {
  const formats: Growing[] = [];
  for (const line of said.split("\n")) {
    const [, pixels, words = ""] = formatLine.exec(line) ?? [];
    if (pixels !== undefined) formats.push({ pixels, compressed: /\bcompressed\b/.test(words), sizes: [] });
    const sizes = sizesOf(line);
    if (sizes !== undefined) formats.at(-1)?.sizes.push(sizes);
    const rate = rateLine.exec(line);
    const last = formats.at(-1)?.sizes.at(-1);
    if (rate !== null && last !== undefined) last.rates = withRate(last.rates, rate);
  }
  return formats;
}

/** The same for a device whose rates mean nothing. */
export const withoutRates = (formats: readonly Format[]): Format[] =>
  formats.map((format) => ({ ...format, sizes: format.sizes.map(({ least, most, step }) => ({ least, most, step })) }));

/** A setting of the device, as V4L2 names it. */
export type Control = { readonly name: string; readonly type: string; readonly inactive: boolean };

const controlLine = /^\s*(\w+) 0x[0-9a-f]{8} \((\w+)\)\s*:(.*)$/;

/** Reads `v4l2-ctl --list-ctrls`. */
export function parseControls(said: string): Control[] {
  return said.split("\n").flatMap((line) => {
    const [, name, type, rest = ""] = controlLine.exec(line) ?? [];
    if (name === undefined || type === undefined) return [];
    return [{ name, type, inactive: /flags=.*\binactive\b/.test(rest) }];
  });
}
