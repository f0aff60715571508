import { createRequire } from "node:module";
import { parse } from "../../../runtime/parse.ts";
import { type SherpaAnswer, type SherpaQuestion, sherpaHeard, sherpaQuestion } from "./protocol.ts";

/** The little of sherpa-onnx-node that is used here. */
type Stream = { acceptWaveform(sound: { samples: Float32Array; sampleRate: number }): void };
type OfflineRecognizer = { createStream(): Stream; decode(stream: Stream): void; getResult(stream: Stream): unknown };
type Sherpa = { OfflineRecognizer: new (config: unknown) => OfflineRecognizer };

const sampleRate = 16_000;

/** `language: ""` lets SenseVoice find the language itself; inverse text normalisation also brings the marks. */
function configOf(question: Extract<SherpaQuestion, { ask: "open" }>): unknown {
  const { family, model, tokens, threads } = question;
  const extra = family === "senseVoice" ? { language: "", useInverseTextNormalization: 1 } : {};
  return {
    featConfig: { sampleRate, featureDim: 80 },
    modelConfig: { [family]: { model, ...extra }, tokens, numThreads: threads, provider: "cpu", debug: 0 },
  };
}

function load(tell: (answer: SherpaAnswer) => void): Sherpa | undefined {
  try {
    return createRequire(import.meta.url)("sherpa-onnx-node") as Sherpa;
  } catch (error) {
    const message = `sherpa-onnx-node cannot be loaded; run: npm install sherpa-onnx-node@1.13.8 (${error instanceof Error ? error.message.split("\n")[0] : String(error)})`;
    tell({ say: "fault", code: "process.missing", message });
    return undefined;
  }
}

/**
 * The entry of the child process: sherpa-onnx ends the whole process on a corrupt model and on a stream without a frame
 * (exit and abort in C++), so it lives in one of its own. It decodes on its only thread, one question after the other.
 */
function main(): void {
  const tell = (answer: SherpaAnswer): void => void process.send?.(answer);
  const sherpa = load(tell);
  if (sherpa === undefined) return;
  let recognizer: OfflineRecognizer | undefined;
  const answer = (question: SherpaQuestion): SherpaAnswer => {
    if (question.ask === "open") {
      recognizer = new sherpa.OfflineRecognizer(configOf(question));
      return { say: "ready" };
    }
    if (recognizer === undefined) throw new Error("no model was opened");
    const stream = recognizer.createStream();
    stream.acceptWaveform({ samples: question.pcm, sampleRate });
    recognizer.decode(stream);
    const heard = parse(sherpaHeard, recognizer.getResult(stream), { what: "what sherpa-onnx heard" });
    return { say: "heard", number: question.number, heard };
  };
  process.on("message", (raw) => {
    const question = parse(sherpaQuestion, raw, { what: "a question to sherpa-onnx" });
    try {
      tell(answer(question));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const number = question.ask === "hear" ? { number: question.number } : {};
      tell({ say: "fault", code: "inference.lost", message, ...number });
    }
  });
  process.once("disconnect", () => process.exit(0));
}

main();
