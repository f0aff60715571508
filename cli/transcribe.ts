import { Command, Option } from "commander";
import { Fault, type FaultCode, faults } from "../contracts/fault.ts";
import type { Language } from "../contracts/language.ts";
import type { AnswerObservations } from "../contracts/observation.ts";
import { transcribeFile } from "../inference/transcribe.ts";
import { wholeThreads } from "./threads.ts";

type Options = { language: Language | "auto"; json?: boolean; models?: string; threads: number };

const inSeconds = (millis: number): number => Math.round(millis) / 1000;

/** Without a recogniser there is no answer to print; a recording of nothing is an answer: no text. */
function refuseWithoutEngines({ transcript, faults: met }: AnswerObservations): void {
  if (transcript !== null) return;
  const code = met.find((one): one is FaultCode => Object.hasOwn(faults, one) && one !== "media.unreadable");
  if (code === "model.missing" || code === "model.corrupt")
    throw new Fault(code, "the speech models are not there or do not have their pinned hash; run: candor models fetch");
  if (code !== undefined) throw new Fault(code, "the recogniser failed on this recording");
}

function asJson({ transcript }: AnswerObservations, asked: Language | "auto"): string {
  const words = transcript?.utterances.flatMap((one) => one.words) ?? [];
  const told =
    transcript !== null && transcript.utterances.length > 0 ? transcript.language : asked === "auto" ? null : asked;
  return JSON.stringify({
    language: told,
    text: transcript?.text ?? "",
    words: words.map((word) => ({
      text: word.text,
      start: inSeconds(word.start),
      end: inSeconds(word.end),
      confidence: word.confidence,
    })),
  });
}

function asText({ transcript }: AnswerObservations): string {
  if (transcript === null || transcript.utterances.length === 0) return "(nothing was said)";
  return transcript.utterances
    .map(
      (one) =>
        `${inSeconds(one.start).toFixed(2).padStart(8)} – ${inSeconds(one.end).toFixed(2).padEnd(8)} ${one.text}`,
    )
    .join("\n");
}

/** `candor transcribe FILE`. */
export function transcribeCommand(): Command {
  return new Command("transcribe")
    .description("write down what is said in a recording, in any format that ffmpeg reads")
    .argument("<file>", "the recording")
    .addOption(new Option("--language <language>", "what is spoken").choices(["zh-CN", "en", "auto"]).default("auto"))
    .option(
      "--json",
      "print one JSON value: { language, text, words: [{ text, start, end, confidence }] }, times in seconds, language null where nothing was said and none was given",
    )
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .option("--threads <count>", "threads of the recogniser", wholeThreads, 2)
    .action(async (file: string, { language, json, models, threads }: Options) => {
      const { observations } = await transcribeFile(file, {
        language,
        threads,
        ...(models === undefined ? {} : { modelsDirectory: models }),
      });
      refuseWithoutEngines(observations);
      process.stdout.write(`${json ? asJson(observations, language) : asText(observations)}\n`);
    });
}
