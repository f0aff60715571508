import { Command } from "commander";
import { Fault } from "../contracts/fault.ts";
import {
  defaultModelsDirectory,
  type ModelStore,
  type ModelVerdict,
  openModelStore,
} from "../inference/models/store.ts";
import { fetchTeller, megabytes } from "./models/progress.ts";

type Options = { directory?: string; from?: string; json?: boolean };

const print = (text: string): void => void process.stdout.write(`${text}\n`);

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
    await store.fetch(ids, { onProgress: fetchTeller(process.stderr), signal: stop.signal });
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
    const name = `${model.id}${model.fetchedByDefault ? "" : " (optional)"}`;
    print(
      `${name.padEnd(30)} ${model.state.padEnd(8)} ${megabytes(model.bytes).padStart(9)}  ${model.licence.padEnd(27)} ${model.purpose}`,
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
