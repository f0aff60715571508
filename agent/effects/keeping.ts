import type { Executors } from "./context.ts";

/** What becomes of the session's folder, and when it is looked at again. */
export const keepingExecutors: Executors<"wipeContent" | "wake" | "close"> = {
  wipeContent: async (_effect, { folder, session }) => folder.destroyContent(session().order.recipients),

  wake: (effect, { wake }) => wake(effect),

  close: async (_effect, { folder, closed }) => {
    await folder.forget();
    await closed();
  },
};
