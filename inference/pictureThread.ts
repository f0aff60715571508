import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { asFault, type Fault } from "../contracts/fault.ts";
import type { Face, FaceFinder, FaceReader, Picture, Reading } from "../contracts/ports.ts";
import { parse } from "../runtime/parse.ts";
import { readingModels } from "./engines/faceReader.ts";
import { openEngines, openReader } from "./equipment.ts";

/** What the thread is asked and what it answers. `read`: plug-ins are wanted too, where their models were had. */
export type PictureQuestion = { picture: Picture; at: number; read: boolean };
export type PictureAnswer =
  | { say: "ready"; models: Record<string, string>; backend: string }
  | { say: "faces"; at: number; faces: Face[]; reading?: Reading }
  | { say: "fault"; part: "faceFinder" | "faceReader"; fault: string; message: string };

const settings = z.object({ modelsDirectory: z.string().optional(), reading: z.array(z.enum(readingModels)) });
export type PictureSettings = z.infer<typeof settings>;
const hasReader = (finder: FaceFinder | FaceReader): finder is FaceReader => "read" in finder;

/** The thread's entry: finding a face takes 40 ms of WASM, which would hold up the decoder's event loop. */
async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const tell = (answer: PictureAnswer): void => port.postMessage(answer);
  const refuse = (part: "faceFinder" | "faceReader", { code, message }: Fault): void =>
    tell({ say: "fault", part, fault: code, message });
  const { modelsDirectory, reading } = parse(settings, workerData, { what: "the picture thread's settings" });
  const where = modelsDirectory === undefined ? {} : { modelsDirectory };
  const reader = reading.length === 0 ? undefined : await openReader({ ...where, models: reading });
  if (reader !== undefined && "fault" in reader) refuse("faceReader", reader.fault);
  const { faceFinder } = await openEngines({ which: ["faceFinder"], ...where });
  if ("fault" in faceFinder) return refuse("faceFinder", faceFinder.fault);
  const look = async ({ picture, at, read }: PictureQuestion): Promise<PictureAnswer> => {
    const eye = read && reader !== undefined && "engine" in reader ? reader.engine : faceFinder.engine;
    if (hasReader(eye)) return { say: "faces", at, ...(await eye.read(picture)) };
    return { say: "faces", at, faces: await eye.find(picture) };
  };
  port.on("message", (question: PictureQuestion) => {
    look(question).then(tell, (error: unknown) => refuse("faceFinder", asFault(error)));
  });
  tell({
    say: "ready",
    models: { ...faceFinder.models, ...(reader !== undefined && "models" in reader ? reader.models : {}) },
    backend: faceFinder.engine.backend,
  });
}

if (parentPort !== null) await main(parentPort);
