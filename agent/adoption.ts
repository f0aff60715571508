import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Segment } from "../contracts/capture.ts";
import { sampleRate } from "../contracts/ports.ts";
import { sha256 } from "../runtime/canonical.ts";
import { openBytes } from "../runtime/seal.ts";
import { type Answer, nextIndex, type Session } from "./session/state.ts";
import type { SessionFolder } from "./sessionStore.ts";

async function bytesIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Where the last known sound of the answer ends, or where the answer began. */
const endOfSound = (session: Session, answer: Answer): number =>
  session.segments
    .filter((one) => one.stream === "mic" && one.answerId === answer.answerId)
    .reduce((end, one) => Math.max(end, one.offsetMillis + one.durationMillis), answer.fromMillis);

/**
 * Sound of an answer that was complete when the agent died, sealed on the disk and never announced: a recorder seals
 * what it has when the agent is gone. The pieces follow on the last known one without a gap. s16le: two bytes a sample.
 * @throws Fault seal.unreadable for a file that is not what its name says
 */
export async function unannounced(session: Session, folder: SessionFolder): Promise<Segment[]> {
  const answer = session.answers.find(
    (one) => one.kind === "spoken" && one.state === "ended" && !one.stopped.includes("mic"),
  );
  const key = folder.keys.content;
  if (answer === undefined || key === undefined || session.ended !== undefined) return [];
  const found: Segment[] = [];
  let offsetMillis = endOfSound(session, answer);
  for (let index = nextIndex(session, "mic"); ; index++) {
    const file = `mic-${String(index).padStart(6, "0")}.sealed`;
    const sealed = await bytesIfThere(join(folder.media, file));
    if (sealed === undefined) return found;
    const pcm = openBytes(key, sealed, `${folder.sessionId}/${file}`);
    const durationMillis = Math.min(2500, (pcm.length / 2 / sampleRate) * 1000);
    const { answerId } = answer;
    found.push({
      stream: "mic",
      answerId,
      index,
      file,
      offsetMillis,
      durationMillis,
      initialisation: false,
      sha256: sha256(sealed),
    });
    offsetMillis += durationMillis;
  }
}
