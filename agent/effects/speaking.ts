import { promptText } from "../../contracts/prompt.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { questionsOf } from "../session/state.ts";
import type { Executors } from "./context.ts";

/** What the speaker is told. Neither waits for the end of a prompt: `hush` waits for silence. */
export const speakingExecutors: Executors<"speak" | "duck" | "hush"> = {
  speak: ({ questionId, language, ducked }, { session, speaker }) => {
    const now = session();
    const question = questionsOf(now).find(({ id }) => id === questionId);
    const text = question === undefined ? undefined : promptText(question, language);
    if (question === undefined || text === undefined) return;
    const made = question.prompts?.[language];
    // Sound of another text would ask another question than the page shows.
    const fits = made !== undefined && made.textHash === sha256(text);
    const sound = fits ? { audio: Buffer.from(made.audio, "base64url") } : {};
    speaker.speak({ sessionId: now.sessionId, text, language, ducked, ...sound });
  },

  duck: ({ on }, { speaker }) => speaker.duck(on),

  hush: (_effect, { speaker }) => speaker.hush(),
};
