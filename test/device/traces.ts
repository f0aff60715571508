import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What to look for in a file, and how it is called in a finding. */
type Pattern = { name: string; bytes: Buffer };

/** The characters of a base64 text that depend on `bytes` alone, for each of the three places it can begin in a group. */
function base64Forms(bytes: Buffer, alphabet: "base64" | "base64url"): Buffer[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString(alphabet)
      .replaceAll("=", "");
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    return Buffer.from(text.slice(first, last));
  });
}

function everyForm(name: string, bytes: Buffer): Pattern[] {
  return [
    { name: `${name} as it is`, bytes },
    ...base64Forms(bytes, "base64").map((form) => ({ name: `${name} in base64`, bytes: form })),
    ...base64Forms(bytes, "base64url").map((form) => ({ name: `${name} in base64url`, bytes: form })),
  ];
}

/** `\uXXXX` for every character, as JSON may write it. */
const escaped = (text: string, upper: boolean): Buffer => {
  const codes = [...Array(text.length).keys()].map((at) => text.charCodeAt(at).toString(16).padStart(4, "0"));
  return Buffer.from(codes.map((code) => `\\u${upper ? code.toUpperCase() : code}`).join(""));
};

/** Every way a marker word could stand in a file: UTF-8, UTF-16, escaped for JSON, and base64 of the first in three alignments. */
export function formsOfWord(word: string): Pattern[] {
  const name = `the marker ${word}`;
  return [
    ...everyForm(name, Buffer.from(word)),
    { name: `${name} in UTF-16`, bytes: Buffer.from(word, "utf16le") },
    ...[true, false].flatMap((upper) => everyForm(`${name} escaped for JSON`, escaped(word, upper))),
  ];
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/**
 * Beginnings of media files, long enough that chance does not make them in ciphertext: ISO 14496-12 (ftyp with ffmpeg's
 * brands, mvhd, mfhd with their box sizes), RIFF WAVE, FLAC, Ogg, PNG, JPEG (JFIF and bare DQT), and x264's banner.
 */
export const mediaHeaders: Pattern[] = [
  ...["isom", "iso5", "iso6", "mp42"].flatMap((brand) =>
    everyForm(`an MP4 header (${brand})`, Buffer.from(`ftyp${brand}`)),
  ),
  ...everyForm("an MP4 movie box", Buffer.concat([Buffer.from("moov"), hex("0000006c"), Buffer.from("mvhd")])),
  ...everyForm("an MP4 fragment box", Buffer.concat([Buffer.from("moof"), hex("00000010"), Buffer.from("mfhd")])),
  ...everyForm("a WAVE header", Buffer.from("WAVEfmt ")),
  ...everyForm("a FLAC header", Buffer.concat([Buffer.from("fLaC"), hex("00000022")])),
  ...everyForm("an Ogg header", Buffer.from("OpusHead")),
  ...everyForm("an Ogg page", Buffer.concat([Buffer.from("OggS"), hex("0002")])),
  ...everyForm("a PNG header", hex("89504e470d0a1a0a")),
  ...everyForm("a JPEG header", hex("ffd8ffe000104a464946")),
  ...everyForm("a JPEG table", hex("ffd8ffdb004300")),
  ...everyForm("the encoder's banner", Buffer.from("x264 - core")),
];

export type Finding = { file: string; found: string };

export async function everyFile(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

/** Where any of `patterns` stands, in a file's name or in its bytes. A file that goes meanwhile (a next-file) is passed over. */
export async function searchTraces(
  folders: readonly string[],
  patterns: readonly Pattern[],
): Promise<{ findings: Finding[]; files: number }> {
  const findings: Finding[] = [];
  const files = (await Promise.all(folders.map(everyFile))).flat();
  for (const file of files) {
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw error;
    }
    for (const one of patterns) {
      if (bytes.includes(one.bytes)) findings.push({ file, found: one.name });
      if (Buffer.from(file).includes(one.bytes)) findings.push({ file, found: `${one.name} in the file's name` });
    }
  }
  return { findings, files: files.length };
}

/** Shannon entropy in bits a byte: ciphertext of some kilobytes lies above 7.9, sound and pictures of a quiet room below. */
export function entropy(bytes: Buffer): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / bytes.length) * Math.log2(count / bytes.length)),
    0,
  );
}
