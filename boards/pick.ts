import { Fault } from "../contracts/fault.ts";
import type { Language } from "../contracts/language.ts";
import { type RecogniserName, recogniserLanguages } from "../contracts/profile.ts";
import type { Board, Picture } from "./board.ts";
import type { Chosen } from "./profile.ts";

/** Seconds of work a second of sound, by recogniser and language; absent: its model is not there. */
export type Speeds = Partial<Record<RecogniserName, Partial<Record<Language, number>>>>;
export type Measured = {
  readonly recognisers: Speeds;
  /** How many times faster than real time one thread encodes the picture, in the order of the board's profile. */
  readonly encoder: readonly { readonly picture: Picture; readonly timesRealTime: number }[];
};
export type Picked = { readonly chosen: Chosen; readonly reasons: readonly string[] };

/**
 * `liveFactor`: live text takes at most half of the time it is given, since recording, framing and the page take theirs
 * and speech comes in bursts. `encoderTimes`: encoding takes at most a third of one core; reading, scaling and sealing
 * come on top of it.
 */
export const pickRules = { liveFactor: 0.5, encoderTimes: 3 } as const;

const keepsUp = (speeds: Speeds, recogniser: RecogniserName, language: Language): boolean =>
  (speeds[recogniser]?.[language] ?? Number.POSITIVE_INFINITY) <= pickRules.liveFactor;

/** Those that are here and understand every language, best first: an answer that is not understood goes to a person. */
function able({ profile }: Board, speeds: Speeds, languages: readonly Language[]): RecogniserName[] {
  return profile.recognisers.filter(
    (name) => speeds[name] !== undefined && languages.every((language) => recogniserLanguages[name].includes(language)),
  );
}

function pickRecogniser(
  board: Board,
  speeds: Speeds,
  languages: readonly Language[],
): { recogniser: RecogniserName; live: Language[]; reasons: string[] } {
  const candidates = able(board, speeds, languages);
  const [best] = candidates;
  if (best === undefined)
    throw new Fault(
      "model.missing",
      `no recogniser for ${languages.join(" and ")} is here: run candor models fetch whisper-base`,
    );
  const recogniser = candidates.find((name) => languages.every((one) => keepsUp(speeds, name, one))) ?? best;
  const live = languages.filter((language) => keepsUp(speeds, recogniser, language));
  const speech = languages.map((language) => {
    const factor = (speeds[recogniser]?.[language] ?? Number.NaN).toFixed(3);
    return live.includes(language)
      ? `${language} is transcribed live: ${recogniser} takes ${factor} of the time, at most ${pickRules.liveFactor} is allowed`
      : `${language} is transcribed after the answer: ${recogniser} takes ${factor} of the time, more than ${pickRules.liveFactor}`;
  });
  const passedOver = board.profile.recognisers
    .filter((name) => name !== recogniser)
    .map((name) => `${name} is not used: ${whyNot(name, { speeds, languages, recogniser, best })}`);
  return { recogniser, live, reasons: [...speech, ...passedOver] };
}

function whyNot(
  name: RecogniserName,
  about: { speeds: Speeds; languages: readonly Language[]; recogniser: RecogniserName; best: RecogniserName },
): string {
  const lacking = about.languages.find((language) => !recogniserLanguages[name].includes(language));
  if (lacking !== undefined) return `it does not understand ${lacking}`;
  if (about.speeds[name] === undefined) return "its model is not here";
  return name === about.best ? "it cannot keep up live" : `${about.recogniser} is better and does`;
}

function pickPicture({ name, profile }: Board, encoder: Measured["encoder"]): { picture: Picture; reason: string } {
  const told = ({ width, height, framesPerSecond }: Picture): string => `${width}×${height} at ${framesPerSecond}`;
  const found = encoder.find(({ timesRealTime }) => timesRealTime >= pickRules.encoderTimes);
  if (found !== undefined) {
    const times = found.timesRealTime.toFixed(1);
    return {
      picture: found.picture,
      reason: `pictures of ${told(found.picture)}: encoded ${times} times faster than real time, ${pickRules.encoderTimes} are wanted`,
    };
  }
  const smallest = profile.pictures.at(-1);
  if (smallest === undefined) throw new Fault("config.invalid", `${name} names no picture`, { field: "pictures" });
  return {
    picture: smallest,
    reason: `pictures of ${told(smallest)}: the smallest, since none is encoded fast enough`,
  };
}

/** The best that the board keeps up with. `languages`: those that its candidates speak. @throws Fault model.missing */
export function pickProfile(board: Board, measured: Measured, languages: readonly Language[]): Picked {
  const { recogniser, live, reasons } = pickRecogniser(board, measured.recognisers, languages);
  const { picture, reason } = pickPicture(board, measured.encoder);
  return { chosen: { recogniser, provider: "cpu", live, picture }, reasons: [...reasons, reason] };
}
