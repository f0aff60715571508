import { Command, Option } from "commander";
import { Fault } from "../contracts/fault.ts";
import { type Language, languages } from "../contracts/language.ts";
import { largestOrderBytes } from "../contracts/order.ts";
import type { Voice } from "../contracts/ports.ts";
import { openVoice } from "../inference/engines/voice.ts";
import { defaultModelsDirectory, openModelStore } from "../inference/models/store.ts";
import { systemClock } from "../runtime/clock.ts";
import { defaultCache, PromptCache } from "./bank/cache.ts";
import { addChooseCommand } from "./bank/choose.ts";
import { addExcelCommands } from "./bank/excelCommands.ts";
import { kilobytes, orderBytes, readBank, withPrompts, writeBank } from "./bank/file.ts";
import { findRecordings } from "./bank/recordings.ts";
import { type Made, type Progress, renderPrompts } from "./bank/render.ts";
import { languageList } from "./languages.ts";
import { wholeThreads } from "./threads.ts";

export type Options = {
  out?: string;
  language: Language[];
  voice?: string;
  recordings?: string;
  cache: string;
  models?: string;
  threads: number;
  json?: boolean;
};

const sentence = ({ number, of, questionId, language, from, seconds, bytes, secondsLeft }: Progress): string => {
  const left = number === of || secondsLeft === 0 ? "" : `, about ${Math.ceil(secondsLeft)} s left`;
  const sound = `${seconds.toFixed(1)} s of sound, ${(bytes / 1000).toFixed(1)} kB`;
  return `${number} of ${of}  ${questionId} ${language}: ${from}, ${sound}${left}\n`;
};

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

export type RenderedBank = { file: string; orderBytes: number; takenOut: string[]; prompts: Made[] };

/**
 * Puts prompts into the file, or into `out`; nothing is written where one of them fails, and what was rendered is not
 * rendered again.
 * @throws Fault file.missing, file.unreadable, config.invalid, rubric.prompt, use.invalid, message.tooLarge, model.missing,
 * model.corrupt, media.unreadable, process.missing, storage.full
 */
export async function renderBank(
  file: string,
  options: Options,
  onProgress: (progress: Progress) => void,
): Promise<RenderedBank> {
  const bank = await readBank(file);
  const recordings =
    options.recordings === undefined
      ? new Map<string, string>()
      : await findRecordings(options.recordings, bank.rubric);
  const voice = voiceOf(options);
  try {
    const { rubric, made, takenOut } = await renderPrompts(bank.rubric, {
      wanted: options.language,
      recordings,
      cache: new PromptCache(options.cache),
      clock: systemClock,
      voice: voice.open,
      onProgress,
    });
    const bytes = orderBytes(bank, rubric);
    const out = options.out ?? file;
    await writeBank(out, withPrompts(bank, rubric), bank);
    return { file: out, orderBytes: bytes, takenOut, prompts: made };
  } finally {
    await voice.close();
  }
}

async function render(file: string, options: Options): Promise<void> {
  const rendered = await renderBank(file, options, (progress) => process.stderr.write(sentence(progress)));
  for (const field of rendered.takenOut)
    process.stderr.write(`candor: ${field} said an older text and was taken out\n`);
  const takes = `an order with them takes about ${kilobytes(rendered.orderBytes)} of ${kilobytes(largestOrderBytes)}`;
  process.stdout.write(
    options.json ? `${JSON.stringify(rendered)}\n` : `${rendered.file}: ${rendered.prompts.length} prompts; ${takes}\n`,
  );
}

/** What `--language` takes. @throws Fault use.invalid */
function wantedLanguages(text: string): Language[] {
  const wanted = languageList(text);
  if (wanted.length > 0) return wanted;
  throw new Fault("use.invalid", `--language: give at least one of ${languages.join(", ")}`, { field: "language" });
}

/** `candor bank`: `render`, `import`, `export`, `template`, `choose`. */
export function bankCommand(): Command {
  const command = new Command("bank").description("prepare a bank of questions for the devices");
  command
    .command("render")
    .description(
      "have every question of a rubric read aloud, in each language it is written in, and put the sound into it",
    )
    .argument("<file>", "a rubric, or a file with a field `rubric` (an order, a file of answers)")
    .option("--out <file>", "where the result goes (default: into the file itself)")
    .addOption(
      new Option("--language <list>", "only these, with commas between")
        .argParser(wantedLanguages)
        .default([...languages], languages.join(",")),
    )
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
      "print one JSON value: { file, orderBytes, takenOut, prompts: [{ questionId, language, from, seconds, bytes }] }",
    )
    .action(render);
  addExcelCommands(command);
  addChooseCommand(command);
  return command;
}
