import type { Stream } from "../../contracts/capture.ts";
import { toBase64url } from "../../runtime/seal.ts";
import type { Executors } from "./context.ts";

const both: readonly Stream[] = ["mic", "camera"];

/** What the two recorders are told. */
export const captureExecutors: Executors<"watch" | "rest" | "record" | "stopRecording"> = {
  watch: ({ streams }, { capture }) => {
    for (const stream of streams) capture(stream, { do: "watch" });
  },

  rest: ({ streams }, { capture }) => {
    for (const stream of streams) capture(stream, { do: "rest" });
  },

  record: ({ streams, answerId, next }, { capture, folder, session }) => {
    const content = folder.keys.content;
    if (content === undefined) return;
    const { sessionId, origin } = session();
    const common = {
      do: "record",
      sessionId,
      answerId,
      folder: folder.media,
      key: toBase64url(content),
      sessionStart: origin,
    } as const;
    for (const stream of streams) capture(stream, { ...common, nextIndex: next[stream] });
  },

  stopRecording: ({ answerId }, { capture }) => {
    for (const stream of both) capture(stream, { do: "stop", answerId });
  },
};
