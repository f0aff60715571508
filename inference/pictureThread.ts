import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { asFault } from "../contracts/fault.ts";
import type { Picture } from "../contracts/ports.ts";
import { parse } from "../runtime/parse.ts";
import { openEngines } from "./equipment.ts";

/** What the thread is asked and what it answers. */
export type PictureQuestion = { picture: Picture; at: number };
export type PictureAnswer =
  | { say: "ready"; models: Record<string, string>; backend: string }
  | {
      say: "faces";
      at: number;
      faces: { left: number; top: number; width: number; height: number; confidence: number }[];
    }
  | { say: "fault"; fault: string; message: string };

const settings = z.object({ modelsDirectory: z.string().optional() });

/** The thread's entry: finding a face takes 40 ms of WASM, which would hold up the decoder's event loop. */
async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const tell = (answer: PictureAnswer): void => port.postMessage(answer);
  const { modelsDirectory } = parse(settings, workerData, { what: "the picture thread's settings" });
  const { faceFinder } = await openEngines({
    which: ["faceFinder"],
    ...(modelsDirectory === undefined ? {} : { modelsDirectory }),
  });
  if ("fault" in faceFinder)
    return tell({ say: "fault", fault: faceFinder.fault.code, message: faceFinder.fault.message });
  port.on("message", ({ picture, at }: PictureQuestion) => {
    faceFinder.engine.find(picture).then(
      (faces) => tell({ say: "faces", at, faces }),
      (error: unknown) => tell({ say: "fault", fault: asFault(error).code, message: asFault(error).message }),
    );
  });
  tell({ say: "ready", models: faceFinder.models, backend: faceFinder.engine.backend });
}

if (parentPort !== null) await main(parentPort);
