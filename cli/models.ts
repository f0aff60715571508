import { Command } from "commander";
import { Fault } from "../contracts/fault.ts";
import {
  defaultModelsDirectory,
  type FetchProgress,
  type ModelStore,
  type ModelVerdict,
  openModelStore,
} from "../inference/models/store.ts";

type Options = { directory?: string; from?: string; json?: boolean };

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** A line for a person about one step of a fetch; undefined where there is nothing worth a line. */
function sentence(progress: FetchProgress): string | undefined {
  if (!("file" in progress))
    return `${progress.model}: ${progress.step === "ready" ? "ready" : "converting for ONNX Runtime"}`;
  const file = `${progress.model}/${progress.file}`;
  if (progress.step === "trying") return `${file}: asking ${progress.source}`;
  if (progress.step === "passedOver") return `${file}: ${progress.source} passed over: ${progress.reason}`;
  if (progress.step === "corrupt") return `${file}: has not its pinned sha256, is fetched again`;
  if (progress.step === "fetched") return `${file}: fetched and verified`;
  if (progress.step === "present") return `${file}: there and verified`;
  return undefined;
}

/** Tells a fetch on stderr; the bytes of a download only on a terminal, in one line, once a megabyte. */
function teller(): (progress: FetchProgress) => void {
  let told = 0;
  return (progress) => {
    if (progress.step === "bytes") {
      if (!process.stderr.isTTY || Math.abs(progress.bytes - told) < 1e6) return;
      told = progress.bytes;
      process.stderr.write(
        `\r${progress.model}/${progress.file}: ${megabytes(progress.bytes)} of ${megabytes(progress.of)}\x1b[K`,
      );
      return;
    }
    const line = sentence(progress);
    if (line !== undefined) process.stderr.write(process.stderr.isTTY ? `\r${line}\x1b[K\n` : `${line}\n`);
  };
}

const open = (options: Options): Promise<ModelStore> =>
  openModelStore({
    directory: options.directory ?? defaultModelsDirectory(),
    ...(options.from === undefined ? {} : { mirror: options.from }),
  });

async function fetchModels(ids: string[], options: Options): Promise<void> {
  const store = await open(options);
  const stop = new AbortController();
  const interrupted = (): void =>
    stop.abort(new Fault("model.unfetchable", "the fetch was interrupted; run it again, it goes on where it stopped"));
  process.once("SIGINT", interrupted);
  try {
    await store.fetch(ids, { onProgress: teller(), signal: stop.signal });
  } finally {
    process.removeListener("SIGINT", interrupted);
  }
  if (options.json)
    print(
      JSON.stringify({
        directory: store.directory,
        models: (await store.list()).filter((model) => model.state === "ok"),
      }),
    );
}

const table = (verdicts: readonly ModelVerdict[]): void => {
  for (const model of verdicts) {
    print(`${model.id.padEnd(16)} ${model.state.padEnd(8)} ${model.version}`);
    for (const file of model.files) if (file.state !== "ok") print(`  ${file.name}: ${file.state}`);
  }
};

async function verifyModels(ids: string[], options: Options): Promise<void> {
  const store = await open(options);
  const listed = await store.list();
  const wanted =
    ids.length > 0
      ? ids
      : listed.filter((model) => model.fetchedByDefault || model.state !== "missing").map((model) => model.id);
  const verdicts = await store.verify(wanted);
  if (options.json) print(JSON.stringify({ directory: store.directory, models: verdicts }));
  else table(verdicts);
  const bad = verdicts.find((model) => model.state !== "ok");
  if (bad !== undefined)
    throw new Fault(
      bad.state === "missing" ? "model.missing" : "model.corrupt",
      `${bad.id} is ${bad.state}; run: candor models fetch ${bad.id}`,
      { field: bad.id },
    );
}

async function listModels(options: Options): Promise<void> {
  const store = await open(options);
  const models = await store.list();
  if (options.json) {
    print(JSON.stringify({ directory: store.directory, models }));
    return;
  }
  print(`in ${store.directory}`);
  for (const model of models) {
    const name = `${model.id}${model.fetchedByDefault ? "" : " (on request)"}`;
    print(
      `${name.padEnd(30)} ${model.state.padEnd(8)} ${megabytes(model.bytes).padStart(9)}  ${model.licence.padEnd(11)} ${model.purpose}`,
    );
  }
}

const withOptions = (command: Command): Command =>
  command
    .option("--directory <folder>", "where models are kept (default: CANDOR_MODELS_DIR, else the user's cache)")
    .option("--json", "print one JSON value on stdout");

/** `candor models`: fetch, verify and list the models named in inference/models/models.lock.json. */
export function modelsCommand(): Command {
  const command = new Command("models").description("fetch, verify and list the models that inference runs on");
  withOptions(command.command("fetch [ids...]"))
    .description("fetch, verify and convert what is missing: the models named, or those every device needs")
    .option(
      "--from <folder>",
      "a folder (USB stick, shared disk) with <model id>/<file name>, asked before all other sources",
    )
    .action(fetchModels);
  withOptions(command.command("verify [ids...]"))
    .description("check the sha256 of every file an engine loads")
    .action(verifyModels);
  withOptions(command.command("list")).description("every known model, its licence and its state").action(listModels);
  return command;
}
