import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../../runtime/parse.ts";
import { WhisperWeights } from "./ct2.ts";
import { melGraph } from "./mel.ts";
import { decoderGraph } from "./whisper-decoder.ts";
import { encoderGraph } from "./whisper-encoder.ts";

/** Raised with every change that changes a byte of the output; the lock file pins the output. */
export const whisperConverterVersion = 1;

const opset = { opset: 17, irVersion: 9 };
const config = z.looseObject({ alignment_heads: z.array(z.tuple([z.number().int(), z.number().int()])).min(1) });

/**
 * `model.bin` and `config.json` of a CTranslate2 Whisper model in `from` → `mel.onnx`, `encoder.onnx`, `decoder.onnx` in
 * `to`, weights in eight bits. Takes 3 to 7 s and half a gigabyte of memory for the base size. Throws model.corrupt.
 */
export async function convertWhisper(from: string, to: string): Promise<void> {
  const { alignment_heads } = parseJson(config, await readFile(join(from, "config.json")), {
    what: "Whisper's config.json",
    otherwise: "model.corrupt",
  });
  const weights = await WhisperWeights.read(join(from, "model.bin"));
  await melGraph(weights.sizes.mels).write(join(to, "mel.onnx"), { name: "mel", ...opset });
  await encoderGraph(weights).write(join(to, "encoder.onnx"), { name: "encoder", ...opset });
  await decoderGraph(weights, alignment_heads).write(join(to, "decoder.onnx"), { name: "decoder", ...opset });
}
