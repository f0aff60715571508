import { parseArgs } from "node:util";
import type { Language } from "../../../contracts/language.ts";
import { openEngines } from "../../../inference/equipment.ts";
import { transcribeFile } from "../../../inference/transcribe.ts";
import { type Clip, readClips } from "./clips.ts";
import { mistakes, units } from "./units.ts";

const help = `How many mistakes the default recogniser makes, heard as candor transcribe hears a file.

node dist/test/bench/recognition/main.js [FOLDER ...] [--answers FOLDER] [--each]

FOLDER     recordings named zh-NAME.EXT or en-NAME.EXT, each with what is said in it in zh-NAME.txt beside it, else
           in the answer file that names it; each folder is a line of its own (default: test/fixtures/speech)
--answers  folder of answer files (default: test/fixtures/interview)
--each     also prints what was heard in each recording, and its mistakes

Mandarin is counted by characters (CER), simplified; English by words (WER). Numbers are compared as they are said.
`;

type Heard = Clip & { heard: string; wrong: number; said: number };

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

function rate(folder: string, language: Language, rows: readonly Heard[]): string {
  const [wrong, said] = [sum(rows.map((one) => one.wrong)), sum(rows.map((one) => one.said))];
  const [name, of] = language === "en" ? ["WER", "words"] : ["CER", "characters"];
  return `${folder}: ${language} ${name} ${((100 * wrong) / said).toFixed(1)} % (${wrong} of ${said} ${of}, ${rows.length} clips)`;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: "boolean", default: false },
    answers: { type: "string", default: "test/fixtures/interview" },
    each: { type: "boolean", default: false },
  },
});

async function measure(folders: readonly string[]): Promise<void> {
  const engines = await openEngines({ which: ["voiceActivity", "recogniser"] });
  for (const folder of folders) {
    const rows: Heard[] = [];
    for (const clip of await readClips(folder, { answers: values.answers })) {
      const { observations } = await transcribeFile(clip.path, { language: clip.language, engines });
      if (observations.transcript === null) throw new Error(`not heard: ${observations.faults.join(", ")}`);
      const heard = observations.transcript.text;
      const said = units(clip.text, clip.language);
      const wrong = mistakes(said, units(heard, clip.language));
      rows.push({ ...clip, heard, wrong, said: said.length });
      if (values.each) print(`${clip.name}: ${wrong} of ${said.length}: ${heard}`);
    }
    for (const language of ["zh-CN", "en"] as const) {
      const ours = rows.filter((one) => one.language === language);
      if (ours.length > 0) print(rate(folder, language, ours));
    }
  }
  await engines.close();
}

if (values.help) process.stdout.write(help);
else await measure(positionals.length === 0 ? ["test/fixtures/speech"] : positionals);
