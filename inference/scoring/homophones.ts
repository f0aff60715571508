import { pinyin } from "pinyin-pro";
import { normalise } from "./text.ts";

/** A stretch of a text that sounds like a term: where it stands in the normalised text, and how it was written. */
export type Sounding = { at: number; heard: string };

type Syllable = { character: string; at: number; sound: string; tone: string };

/** Texts whose syllables are kept: a question has some dozens of terms, each looked for in the same few clauses. */
const kept = 512;
const known = new Map<string, readonly Syllable[][]>();

/** The syllables of each run of Chinese characters; a run ends where anything else stands. */
function syllablesOf(folded: string): readonly Syllable[][] {
  const before = known.get(folded);
  if (before !== undefined) return before;
  const runs = [...folded.matchAll(/\p{Script=Han}+/gu)].map((match) => {
    const readings = pinyin(match[0], { toneType: "num", type: "array", v: true });
    return [...match[0]].map((character, step): Syllable => {
      const reading = readings[step] ?? "";
      return {
        character,
        at: match.index + step,
        sound: reading.replace(/\d$/, ""),
        tone: /\d$/.exec(reading)?.[0] ?? "0",
      };
    });
  });
  if (known.size >= kept) known.clear();
  known.set(folded, runs);
  return runs;
}

/** Syllables of a term from which on its sound is enough; two alone have chance likenesses unless tones or a character agree. */
const longEnough = 3;

function soundsAlike(said: readonly Syllable[], wanted: readonly Syllable[]): boolean {
  if (!wanted.every((one, step) => one.sound !== "" && one.sound === said[step]?.sound)) return false;
  const sameTones = wanted.every((one, step) => one.tone === said[step]?.tone);
  return (
    wanted.length >= longEnough || sameTones || wanted.some((one, step) => one.character === said[step]?.character)
  );
}

/**
 * Where a text has a stretch that is written otherwise than a Chinese term of two characters or more and sounds like it:
 * recognisers write words they do not know by homophones ("亚测" for "压测"). Empty where the term has other signs in it.
 */
export function soundingLike(text: string, term: string): Sounding[] {
  const folded = normalise(text);
  const wanted = syllablesOf(normalise(term));
  const [only] = wanted;
  if (only === undefined || wanted.length > 1 || only.length < 2 || only.length !== [...normalise(term)].length)
    return [];
  return syllablesOf(folded).flatMap((run) =>
    run.flatMap((first, from): Sounding[] => {
      const said = run.slice(from, from + only.length);
      const heard = said.map((one) => one.character).join("");
      return said.length === only.length && heard !== normalise(term) && soundsAlike(said, only)
        ? [{ at: first.at, heard }]
        : [];
    }),
  );
}

/** Lets go of every text kept: what a candidate said must not outlive the session. */
export function forgetSounds(): void {
  known.clear();
}
