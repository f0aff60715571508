/** A number that the hardware can be set to, both ends included. */
export type Span = { readonly least: number; readonly most: number };
/** What a PCM offers. `formats` as ALSA names them. */
export type Hardware = { readonly formats: readonly string[]; readonly channels: Span; readonly rate: Span };

/** `48000`, `[1 2]`, `(0 4294967295]`: a round bracket leaves its end out (alsa-lib, snd_interval_print). */
const span = /^(?:(\d+)|([[(])(\d+) (\d+)([\])]))$/;

function parseSpan(text: string | undefined): Span | undefined {
  const found = span.exec(text?.trim() ?? "");
  if (found === null) return undefined;
  const [, one, opens, from, to, closes] = found;
  if (one !== undefined) return { least: Number(one), most: Number(one) };
  return { least: Number(from) + (opens === "(" ? 1 : 0), most: Number(to) - (closes === ")" ? 1 : 0) };
}

/**
 * What `arecord --dump-hw-params` tells between its two dashed lines. Undefined where it tells nothing of use, as of a
 * device that could not be opened.
 */
export function parseHardware(dump: string): Hardware | undefined {
  const told = new Map<string, string>();
  for (const line of dump.split("\n")) {
    const [, name, value] = /^([A-Z_]+): *(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !told.has(name)) told.set(name, value);
  }
  const channels = parseSpan(told.get("CHANNELS"));
  const rate = parseSpan(told.get("RATE"));
  if (channels === undefined || rate === undefined) return undefined;
  return { formats: (told.get("FORMAT") ?? "").split(/\s+/).filter((one) => one !== ""), channels, rate };
}
