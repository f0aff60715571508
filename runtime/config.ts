import { readFileSync } from "node:fs";
import { join } from "node:path";
import convict from "convict";
import { Fault } from "../contracts/fault.ts";
import { complete, describeFormat, type Format, fits, fromText, type ValueOf } from "./configFormat.ts";

/**
 * One key of a process. No `default`: it must be given. `default: null`: it may stay open (then the value is null).
 * A key of format "secret", or one that says it is `sensitive` because secrets stand inside it, is never printed.
 */
export type Setting = {
  readonly doc: string;
  readonly format: Format;
  readonly default?: unknown;
  readonly sensitive?: boolean;
};
export type Settings = Readonly<Record<string, Setting>>;
export type ConfigDefinition<S extends Settings = Settings> = { readonly process: string; readonly settings: S };

type Value<S extends Setting> = S extends { default: null } ? ValueOf<S["format"]> | null : ValueOf<S["format"]>;
export type Values<S extends Settings> = { readonly [Key in keyof S]: Value<S[Key]> };
/** The configuration that a definition gives. */
export type ConfigOf<D> = D extends ConfigDefinition<infer S> ? Values<S> : never;

export type Origin = "default" | "file" | "environment" | "flag" | "missing";
/** Where values come from. `flags` are by key; undefined ones are skipped. */
export type ConfigSources = {
  /** Default: CANDOR_CONFIG_DIR, else /etc/candor. */
  folder?: string;
  env?: NodeJS.ProcessEnv;
  flags?: Readonly<Record<string, unknown>>;
};
/** A key as `candor config --explain` prints it. A secret's value is "(set)". */
export type ExplainedKey = {
  process: string;
  key: string;
  value: unknown;
  origin: Origin;
  /** The file, the variable or the flag; for a default, nothing. */
  source: string;
  variable: string;
  takes: string;
  doc: string;
};

/** A process's keys: its file is `<process>.json`, its variables `CANDOR_<PROCESS>_<KEY>`. */
export function defineConfig<const S extends Settings>(process: string, settings: S): ConfigDefinition<S> {
  return { process, settings };
}

const upperSnake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toUpperCase();
const prefixOf = (process: string): string => `CANDOR_${upperSnake(process)}_`;
export const variableOf = (process: string, key: string): string => prefixOf(process) + upperSnake(key);
export const configFolder = (env: NodeJS.ProcessEnv = process.env): string => env.CANDOR_CONFIG_DIR ?? "/etc/candor";

const isSecret = (setting: Setting): boolean => setting.format === "secret" || setting.sensitive === true;

type Given = { value: unknown; origin: Origin; source: string };
type Layer = ReadonlyMap<string, Given>;

function unknownKey(definition: ConfigDefinition, key: string, source: string): Fault {
  const known = Object.keys(definition.settings).join(", ");
  return new Fault(
    "config.unknown",
    `${source} sets ${key}, which ${definition.process} does not have: correct or remove it (known: ${known})`,
    {
      field: key,
    },
  );
}

function fileLayer(definition: ConfigDefinition, folder: string): Layer {
  const path = join(folder, `${definition.process}.json`);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw new Fault("file.unreadable", `${path} cannot be read: give this user the right to read it`, { cause: error });
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new Fault("config.invalid", `${path} is not JSON: correct it, or remove it to run on defaults`, {
      cause: error,
    });
  }
  if (content === null || typeof content !== "object" || Array.isArray(content))
    throw new Fault("config.invalid", `${path} must hold one JSON object of keys and values`);
  const layer = new Map<string, Given>();
  for (const [key, value] of Object.entries(content)) {
    if (!Object.hasOwn(definition.settings, key)) throw unknownKey(definition, key, path);
    layer.set(key, { value, origin: "file", source: path });
  }
  return layer;
}

/** A variable with the process's prefix that names no key is refused: most often it is a misspelt one. */
function environmentLayer(definition: ConfigDefinition, env: NodeJS.ProcessEnv): Layer {
  const keys = new Map(Object.keys(definition.settings).map((key) => [variableOf(definition.process, key), key]));
  const layer = new Map<string, Given>();
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(prefixOf(definition.process)) || text === undefined) continue;
    const key = keys.get(variable);
    const setting = key === undefined ? undefined : definition.settings[key];
    if (key === undefined || setting === undefined) throw unknownKey(definition, variable, "the environment");
    layer.set(key, { value: fromText(setting.format, text), origin: "environment", source: variable });
  }
  return layer;
}

function flagLayer(definition: ConfigDefinition, flags: Readonly<Record<string, unknown>>): Layer {
  const layer = new Map<string, Given>();
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const setting = definition.settings[key];
    if (setting === undefined) throw unknownKey(definition, key, "the command line");
    const typed = typeof value === "string" ? fromText(setting.format, value) : value;
    layer.set(key, {
      value: typed,
      origin: "flag",
      source: `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    });
  }
  return layer;
}

function missing(definition: ConfigDefinition, key: string, setting: Setting, folder: string): Fault {
  const remedy = `set ${key} in ${join(folder, `${definition.process}.json`)} or ${variableOf(definition.process, key)}`;
  return isSecret(setting)
    ? new Fault("config.secretMissing", `the secret ${key} of ${definition.process} is not set: ${remedy}`, {
        field: key,
      })
    : new Fault(
        "config.invalid",
        `${key} of ${definition.process} is not set: ${remedy} (${describeFormat(setting.format)})`,
        { field: key },
      );
}

/** A refused value is named, unless it is a secret. */
function refused(key: string, setting: Setting, { given, cause }: { given: Given; cause: unknown }): Fault {
  const shown = isSecret(setting) ? "not what it should be" : JSON.stringify(given.value);
  return new Fault(
    "config.invalid",
    `${given.source}: ${key} is ${shown}; it takes ${describeFormat(setting.format)}`,
    { field: key, cause },
  );
}

const formatName = "candor";
/** convict turns texts into numbers by itself; here a file's text stays a text, and is refused. */
convict.addFormat({
  name: formatName,
  coerce: (value: unknown) => value,
  validate: (value: unknown, schema: convict.SchemaObj) => (schema.check as ReturnType<typeof checkOf>)(value),
});

function checkOf(setting: Setting): (value: unknown) => void {
  return (value) => {
    const open = value === null && (setting.default ?? null) === null;
    if (!open && !fits(setting.format, value)) throw new Error(describeFormat(setting.format));
  };
}

type Loaded = { value: unknown; given: Given };

function load(
  definition: ConfigDefinition,
  sources: ConfigSources,
  onMissing: (fault: Fault) => void,
): Map<string, Loaded> {
  const env = sources.env ?? process.env;
  const folder = sources.folder ?? configFolder(env);
  const layers = [
    fileLayer(definition, folder),
    environmentLayer(definition, env),
    flagLayer(definition, sources.flags ?? {}),
  ];
  const store = convict<Record<string, unknown>>(
    Object.fromEntries(
      Object.entries(definition.settings).map(([key, setting]) => [
        key,
        { doc: setting.doc, default: setting.default ?? null, format: formatName, check: checkOf(setting) },
      ]),
    ),
    { env: {}, args: [] },
  );
  const result = new Map<string, Loaded>();
  for (const [key, setting] of Object.entries(definition.settings)) {
    const given = layers.map((layer) => layer.get(key)).findLast((one) => one !== undefined);
    if (given !== undefined && !(given.value === null && setting.default === undefined)) {
      // One value at a time, so that a refusal is known to be of this key and this source.
      try {
        store.set(key, given.value);
        store.validate({ allowed: "strict" });
      } catch (error) {
        throw refused(key, setting, { given, cause: error });
      }
      result.set(key, { value: complete(setting.format, given.value), given });
    } else {
      if (setting.default === undefined) onMissing(missing(definition, key, setting, folder));
      result.set(key, {
        value: store.get(key),
        given: { value: null, origin: setting.default === undefined ? "missing" : "default", source: "" },
      });
    }
  }
  return result;
}

/**
 * The process's configuration: default < `<process>.json` < environment < flags. The last word wins; a value that is
 * not what its key takes is refused, never replaced by the default.
 * @throws Fault config.unknown, config.invalid, config.secretMissing, file.unreadable; `field` is the key
 */
export function loadConfig<S extends Settings>(
  definition: ConfigDefinition<S>,
  sources: ConfigSources = {},
): Values<S> {
  const loaded = load(definition, sources, (fault) => {
    throw fault;
  });
  return Object.fromEntries([...loaded].map(([key, { value }]) => [key, value])) as Values<S>;
}

/**
 * Every key with its value and where it came from; what is missing is said in place of being refused.
 * @throws Fault config.unknown, config.invalid, file.unreadable
 */
export function explainConfig(definition: ConfigDefinition, sources: ConfigSources = {}): ExplainedKey[] {
  const loaded = load(definition, sources, () => undefined);
  return Object.entries(definition.settings).map(([key, setting]) => {
    const found = loaded.get(key);
    const secret = isSecret(setting) && found?.value !== null;
    return {
      process: definition.process,
      key,
      value: secret ? "(set)" : (found?.value ?? null),
      origin: found?.given.origin ?? "missing",
      source: found?.given.source ?? "",
      variable: variableOf(definition.process, key),
      takes: describeFormat(setting.format),
      doc: setting.doc,
    };
  });
}
