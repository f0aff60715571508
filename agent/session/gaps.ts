import type { Segment, Stream } from "../../contracts/capture.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { type Answer, finalAnswers, type Gap, type Session } from "./state.ts";

/** Shorter holes come from the grid of segments and pictures, not from a recorder that failed. */
const tolerated = 250;
/** Opening a stream and waiting for the first whole picture takes this long at most. */
const tolerance: { start: Millis; end: Millis } = { start: seconds(1.5), end: seconds(1.5) };

function holesOf(answer: Answer, stream: Stream, segments: readonly Segment[]): Gap[] {
  const { answerId } = answer;
  const kept = segments
    .filter((one) => one.stream === stream && one.answerId === answerId && !one.initialisation)
    .sort((a, b) => a.offsetMillis - b.offsetMillis);
  const end = answer.toMillis ?? answer.fromMillis;
  const gap = (from: Millis, to: Millis): Gap => ({ stream, answerId, from, to, fault: "process.exited" });
  const holes: Gap[] = [];
  let reached = answer.fromMillis;
  for (const [at, one] of kept.entries()) {
    if (one.offsetMillis - reached > (at === 0 ? tolerance.start : tolerated))
      holes.push(gap(reached, one.offsetMillis));
    reached = Math.max(reached, one.offsetMillis + one.durationMillis);
  }
  return end - reached > tolerance.end ? [...holes, gap(reached, end)] : holes;
}

/**
 * Stretches of the answers that were not recorded: as the recorders told, and where a recorder died and could not tell,
 * as the holes between its segments say.
 */
export function gapsOf(session: Session): Gap[] {
  const holes = finalAnswers(session)
    .filter((one) => one.kind === "spoken")
    .flatMap((answer) => (["mic", "camera"] as const).flatMap((stream) => holesOf(answer, stream, session.segments)));
  const told = session.gaps;
  const untold = holes.filter(
    (hole) =>
      !told.some(
        (one) => one.stream === hole.stream && one.from < hole.to + tolerated && one.to > hole.from - tolerated,
      ),
  );
  return [...told, ...untold].sort((a, b) => a.from - b.from);
}
