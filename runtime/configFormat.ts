import { isAbsolute } from "node:path";
import { z } from "zod";

/** What may stand in a key: a name, a list of words, a number in a unit and range, or a zod schema for lists and objects. */
export type TextFormat = "text" | "folder" | "file" | "url" | "secret";
export type NumberFormat = {
  unit: string;
  from: number;
  to: number /** Whole numbers only (default). */;
  whole?: boolean;
};
export type Format = TextFormat | "port" | "flag" | readonly [string, ...string[]] | NumberFormat | z.ZodType;

/** The type of a key's value. */
export type ValueOf<F> = F extends z.ZodType
  ? z.output<F>
  : F extends TextFormat
    ? string
    : F extends "port" | NumberFormat
      ? number
      : F extends "flag"
        ? boolean
        : F extends readonly (infer Word)[]
          ? Word
          : never;

const isSchema = (format: Format): format is z.ZodType => format instanceof z.ZodType;
const isWords = (format: Format): format is readonly [string, ...string[]] => Array.isArray(format);
const portRange: NumberFormat = { unit: "port", from: 0, to: 65_535 };

function webAddress(text: string): boolean {
  return URL.canParse(text) && /^(https?|mqtts?|wss?):$/.test(new URL(text).protocol);
}

const texts: Record<TextFormat, { wanted: string; holds: (text: string) => boolean }> = {
  text: { wanted: "a text", holds: (text) => text !== "" },
  folder: { wanted: "the absolute path of a folder", holds: isAbsolute },
  file: { wanted: "the absolute path of a file", holds: isAbsolute },
  url: { wanted: "an address such as https://host:port or mqtts://host:port", holds: webAddress },
  secret: { wanted: "a secret", holds: (text) => text !== "" },
};

/** What the key takes, in words for a person: "seconds, 1 to 3600, whole". */
export function describeFormat(format: Format): string {
  if (isSchema(format)) return "JSON of the shape in the documentation";
  if (isWords(format)) return `one of ${format.join(", ")}`;
  if (format === "flag") return "true or false";
  if (format === "port") return `a port, ${portRange.from} to ${portRange.to}`;
  if (typeof format === "string") return texts[format].wanted;
  return `${format.unit}, ${format.from} to ${format.to}${format.whole === false ? "" : ", whole"}`;
}

function numberWithin({ from, to, whole = true }: NumberFormat, value: unknown): boolean {
  return typeof value === "number" && value >= from && value <= to && (!whole || Number.isInteger(value));
}

/** Whether a typed value is what the format wants. */
export function fits(format: Format, value: unknown): boolean {
  if (isSchema(format)) return format.safeParse(value).success;
  if (isWords(format)) return typeof value === "string" && format.includes(value);
  if (format === "flag") return typeof value === "boolean";
  if (format === "port") return numberWithin(portRange, value);
  if (typeof format === "string") return typeof value === "string" && texts[format].holds(value);
  return numberWithin(format, value);
}

const flags: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

/**
 * The environment and the command line know texts only: the text as the type that the format wants, or the text itself
 * where it does not look like one (`fits` refuses it then).
 */
export function fromText(format: Format, text: string): unknown {
  if (isSchema(format)) {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      if (error instanceof SyntaxError) return text;
      throw error;
    }
  }
  if (format === "flag") return flags[text] ?? text;
  const numeric = format === "port" || (typeof format === "object" && !isWords(format));
  return numeric && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** The value as the process gets it: a zod schema fills in its defaults. */
export function complete(format: Format, value: unknown): unknown {
  return isSchema(format) ? format.parse(value) : value;
}
