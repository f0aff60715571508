import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { z } from "zod";
import { Fault } from "../contracts/fault.ts";
import { type Language, languages } from "../contracts/language.ts";
import type { Voice } from "../contracts/ports.ts";
import { rubric as rubricSchema } from "../contracts/rubric.ts";
import { openVoice } from "../inference/engines/voice.ts";
import { defaultModelsDirectory, openModelStore } from "../inference/models/store.ts";
import { systemClock } from "../runtime/clock.ts";
import { writeDurably } from "../runtime/durable.ts";
import { parse, parseJson } from "../runtime/parse.ts";
import { defaultCache, PromptCache } from "./bank/cache.ts";
import { findRecordings } from "./bank/recordings.ts";
import { checkSize, type Progress, renderPrompts } from "./bank/render.ts";
import { wholeThreads } from "./threads.ts";

type Options = {
  out?: string;
  language?: Language;
  voice?: string;
  recordings?: string;
  cache: string;
  models?: string;
  threads: number;
  json?: boolean;
};

const anyFile = z.looseObject({ rubric: z.unknown().optional() });

const sentence = ({ number, of, questionId, language, from, seconds, bytes, secondsLeft }: Progress): string => {
  const left = number === of || secondsLeft === 0 ? "" : `, about ${Math.ceil(secondsLeft)} s left`;
  const sound = `${seconds.toFixed(1)} s of sound, ${(bytes / 1000).toFixed(1)} kB`;
  return `${number} of ${of}  ${questionId} ${language}: ${from}, ${sound}${left}\n`;
};

/** The file as it is, and the rubric in it: the file itself, or its field `rubric`. What else stands there stays. */
async function readBank(file: string) {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Fault("file.missing", `${file} is not there; check the path`, { cause: error });
    throw new Fault("file.unreadable", `${file} cannot be read`, { cause: error });
  });
  const whole = parseJson(anyFile, text, { what: file, otherwise: "file.unreadable" });
  const bare = whole.rubric === undefined;
  const rubric = parse(rubricSchema, bare ? whole : whole.rubric, { what: file, otherwise: "config.invalid" });
  return { whole, bare, rubric };
}

/** One voice for the whole run, opened at the first question that is not recorded. */
function voiceOf({ models, voice, threads }: Options): { open: () => Promise<Voice>; close: () => Promise<void> } {
  let opened: Promise<Voice> | undefined;
  const open = async (): Promise<Voice> => {
    const store = await openModelStore({ directory: models ?? defaultModelsDirectory() });
    return openVoice(store, voice === undefined ? { threads } : { threads, voice });
  };
  return {
    open: () => {
      opened ??= open();
      return opened;
    },
    close: async () => {
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}

async function render(file: string, options: Options): Promise<void> {
  const { whole, bare, rubric } = await readBank(file);
  const recordings =
    options.recordings === undefined ? new Map<string, string>() : await findRecordings(options.recordings, rubric);
  const voice = voiceOf(options);
  try {
    const { rubric: rendered, made } = await renderPrompts(rubric, {
      wanted: options.language === undefined ? languages : [options.language],
      recordings,
      cache: new PromptCache(options.cache),
      clock: systemClock,
      voice: voice.open,
      onProgress: (progress) => process.stderr.write(sentence(progress)),
    });
    const bytes = checkSize(rendered);
    const out = options.out ?? file;
    await writeDurably(out, `${JSON.stringify(bare ? rendered : { ...whole, rubric: rendered }, null, 2)}\n`);
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ file: out, bytes, prompts: made })}\n`
        : `${out}: ${made.length} prompts, the rubric takes ${(bytes / 1000).toFixed(1)} kB of an order\n`,
    );
  } finally {
    await voice.close();
  }
}

/** `candor bank render FILE`. */
export function bankCommand(): Command {
  const command = new Command("bank").description("prepare a bank of questions for the devices");
  command
    .command("render")
    .description(
      "have every question of a rubric read aloud, in each language it is written in, and put the sound into it",
    )
    .argument("<file>", "a rubric, or a file with a field `rubric` (an order, a file of answers)")
    .option("--out <file>", "where the result goes (default: into the file itself)")
    .addOption(new Option("--language <language>", "only this one (default: all)").choices([...languages]))
    .option("--voice <name>", "one of the model's voices, for all languages (default: one that suits the language)")
    .option(
      "--recordings <folder>",
      "recordings that go before the voice: <questionId>.<language>.wav, .opus, .m4a, .mp3 or .flac",
    )
    .option("--cache <folder>", "where rendered prompts are kept for the next time", defaultCache())
    .option("--models <directory>", "where the models are (default: $CANDOR_MODELS_DIR, else the user's cache)")
    .option("--threads <count>", "threads of the voice", wholeThreads, 2)
    .option(
      "--json",
      "print one JSON value: { file, bytes, prompts: [{ questionId, language, from, seconds, bytes }] }",
    )
    .action(render);
  return command;
}
