import { Fault } from "../contracts/fault.ts";
import { languages } from "../contracts/language.ts";
import { type BoardProfile, recogniserLanguages } from "../contracts/profile.ts";
import type { Board, EngineSeat, Picture } from "./board.ts";

/** What the board's processes are started with. */
export type Chosen = Pick<BoardProfile, "recogniser" | "provider" | "live" | "picture">;

const remeasure = "run candor board bench --write on this board, or remove board-profile.json";
const refuse = (field: string, sentence: string): never => {
  throw new Fault("config.invalid", sentence, { field });
};

/** The seat of this provider. @throws Fault config.invalid for one that the board does not have or that is untried */
export function engineSeat({ name, profile }: Board, provider: string): EngineSeat {
  const seats = profile.engines.recogniser;
  const seat = seats.find((one) => one.provider === provider);
  const tried = seats.filter(({ state }) => state === "tried").map((one) => one.provider);
  if (seat === undefined)
    return refuse("provider", `${name} has no engine "${provider}" for the recogniser: use ${tried.join(", ")}`);
  if (seat.state === "untried")
    return refuse(
      "provider",
      `the engine "${provider}" of ${name} is untried: it was never run on this board and is not selected; use ${tried.join(", ")}${seat.remedy === undefined ? "" : ` (${seat.remedy})`}`,
    );
  return seat;
}

/** What every such board bears: used until one was measured. */
function unmeasured({ profile }: Board): Chosen {
  const [recogniser = "whisper-base"] = profile.recognisers;
  const fallback: Picture = { width: 640, height: 480, framesPerSecond: 10 };
  return { recogniser, provider: "cpu", live: [...languages], picture: profile.pictures.at(-1) ?? fallback };
}

/**
 * What runs on this board: the measured profile where there is one. @throws Fault config.invalid for a profile of another
 * board, for an engine that is untried, and for live transcription of a language that the recogniser does not understand
 */
export function chosenProfile(board: Board, measured: BoardProfile | undefined): Chosen {
  if (measured === undefined) return unmeasured(board);
  const { recogniser, provider, live, picture } = measured;
  if (measured.board !== board.name)
    refuse("board", `board-profile.json was measured on ${measured.board}, and this is ${board.name}: ${remeasure}`);
  if (!board.profile.recognisers.includes(recogniser))
    refuse("recogniser", `${board.name} does not run ${recogniser}: ${remeasure}`);
  engineSeat(board, provider);
  const unknown = live.find((language) => !recogniserLanguages[recogniser].includes(language));
  if (unknown !== undefined) refuse("live", `${recogniser} does not understand ${unknown}: ${remeasure}`);
  return { recogniser, provider, live, picture };
}
