import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { Command } from "commander";
import { z } from "zod";
import type { NoticeKind } from "../../bridge/adapters/adapter.ts";
import { createToken, type Scope, scope as scopes } from "../../bridge/hr/access.ts";
import { hrConfig } from "../../bridge/hr/config.ts";
import { setSource } from "../../bridge/hr/pull.ts";
import { type HrStore, openHrStore } from "../../bridge/hr/store.ts";
import { setTarget } from "../../bridge/hr/targets.ts";
import { centreFiles, createCentreKeys, readHrKeys } from "../../bridge/keys.ts";
import { Fault } from "../../contracts/fault.ts";
import { createAuthority, openAuthority } from "../../provisioning/authority.ts";
import { admitDevice, reloadBroker, writeBrokerConfig } from "../../provisioning/broker.ts";
import { enrolDevice } from "../../provisioning/enrol.ts";
import { systemClock } from "../../runtime/clock.ts";
import { loadConfig } from "../../runtime/config.ts";
import { parseJson } from "../../runtime/parse.ts";
import { publicHalf } from "../../runtime/seal.ts";

export const directoryOption = ["--directory <folder>", "the centre's folder"] as const;
export const jsonOption = ["--json", "one JSON value on standard output"] as const;
export const collect = (value: string, before: string[]): string[] => [...before, value];

/** hr's store where hr itself has it: its address is read from hr's own configuration, never from a command line. */
export async function openCentreStore(directory: string): Promise<HrStore> {
  const { store } = loadConfig(hrConfig, { flags: { directory } });
  return openHrStore(directory, await readHrKeys(directory), store);
}

/** One JSON value, or the sentences. */
export function answer(data: object, { json, words }: { json: boolean | undefined; words: readonly string[] }): void {
  process.stdout.write(json === true ? `${JSON.stringify(data)}\n` : `${words.join("\n")}\n`);
}

type InitOptions = { directory: string; host: string[]; brokerPort: string; json?: boolean };

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Fault("use.invalid", `--broker-port is ${text}: give 1 to 65535`);
  return port;
}

async function init({ directory, host, brokerPort, json }: InitOptions): Promise<void> {
  const port = portOf(brokerPort);
  const at = centreFiles(directory);
  const hosts = host.length > 0 ? host : ["localhost", "127.0.0.1", "::1"];
  const authority = await createAuthority(at.authority, systemClock);
  const { certificatePem: authorityPem } = authority;
  const [relayTls, hrTls, credential] = await Promise.all(
    ["relay", "hr", "broker"].map((name) => authority.issueServerCertificate({ name, hosts })),
  );
  if (relayTls === undefined || hrTls === undefined || credential === undefined)
    throw new Fault("internal", "a certificate was not made");
  const { recoveryFile } = await createCentreKeys({ directory, authorityPem, relayTls, hrTls, clock: systemClock });
  const brokerConfig = await writeBrokerConfig({ directory: at.broker, port, authorityPem, credential });
  const data = { directory, authority: join(at.authority, "authority.pem"), brokerConfig, recoveryFile };
  const words = [
    `The centre is in ${directory}.`,
    `Move ${recoveryFile} to a place that is never online, and remove it here: it opens every recording.`,
    `Start the broker with: mosquitto -c ${brokerConfig}`,
  ];
  answer(data, { json, words });
}

export function initCommand(): Command {
  return new Command("init")
    .description("make a centre: its authority, the keys of relay and hr, the broker's configuration")
    .requiredOption(...directoryOption)
    .option("--host <name>", "a name or address the servers answer to (repeat for more)", collect, [])
    .option("--broker-port <port>", "the broker's port", "8883")
    .option(...jsonOption)
    .action(init);
}

type EnrolOptions = { directory: string; tenant: string; device: string; output: string; json?: boolean };

async function enrol({ directory, tenant, device, output, json }: EnrolOptions): Promise<void> {
  const at = centreFiles(directory);
  const authority = await openAuthority(at.authority, systemClock);
  const { centre } = await readHrKeys(directory);
  const { tenantId, deviceId } = await enrolDevice({
    authority,
    tenantId: tenant,
    deviceId: device,
    centre: publicHalf(centre),
    directory: output,
  });
  await admitDevice(at.broker, { tenantId, deviceId });
  const reloaded = await reloadBroker(at.broker);
  const words = [
    `${tenantId}/${deviceId} is enrolled; its identity is in ${output}.`,
    reloaded ? "The broker knows it." : "No broker runs from this folder; it will know the device when it starts.",
  ];
  answer({ tenantId, deviceId, identity: join(output, "identity.json"), brokerReloaded: reloaded }, { json, words });
}

export function enrolCommand(): Command {
  return new Command("enrol")
    .description("give a device its keys and certificate and let it speak at the broker")
    .requiredOption(...directoryOption)
    .requiredOption("--tenant <tenantId>", "whose device it is")
    .requiredOption("--device <deviceId>", "its id")
    .requiredOption("--output <folder>", "where its identity goes")
    .option(...jsonOption)
    .action(enrol);
}

type TokenOptions = {
  directory: string;
  tenant: string;
  branch: string;
  scope: string[];
  label: string;
  json?: boolean;
};

async function token({ directory, tenant, branch, scope, label, json }: TokenOptions): Promise<void> {
  const store = await openCentreStore(directory);
  try {
    // The schema within refuses a scope that does not exist.
    const wanted = { tenantId: tenant, branch, scopes: scope as Scope[], label };
    const made = await createToken(store, wanted, systemClock);
    answer({ token: made, tenantId: tenant, branch, scopes: scope }, { json, words: [made] });
  } finally {
    await store.destroy();
  }
}

export function tokenCommand(): Command {
  const create = new Command("create")
    .description("make a token; it is shown this once")
    .requiredOption(...directoryOption)
    .requiredOption("--tenant <tenantId>", "whose rows it reaches")
    .requiredOption("--scope <scope>", `${scopes.options.join(", ")} (repeat for more)`, collect, [])
    .option("--branch <path>", "the branch it reaches, with those below", "/")
    .option("--label <text>", "what it is for", "")
    .option(...jsonOption)
    .action(token);
  return new Command("token").description("bearer tokens of the API").addCommand(create);
}

type TargetOptions = {
  directory: string;
  tenant: string;
  branch: string;
  adapter: string;
  name: string;
  settings: string;
  wants: string[];
  contactRank: string;
  json?: boolean;
};

async function target({
  directory,
  tenant,
  branch,
  adapter,
  name,
  settings,
  wants,
  contactRank,
  json,
}: TargetOptions): Promise<void> {
  const parsed = await readSettings(settings, "the target's settings");
  const store = await openCentreStore(directory);
  try {
    // The schema within refuses a kind that does not exist.
    const told = wants.length === 0 ? {} : { wants: wants as NoticeKind[] };
    const rank = { contactRank: Number(contactRank) };
    await setTarget(
      store,
      { tenantId: tenant, branch, name, adapter, settings: parsed, ...told, ...rank },
      systemClock,
    );
  } finally {
    await store.destroy();
  }
  answer(
    { tenantId: tenant, branch, name, adapter },
    { json, words: [`Results of ${tenant}${branch} go to ${name} by ${adapter}.`] },
  );
}

type SourceOptions = Omit<TargetOptions, "wants" | "contactRank">;

async function source({ directory, tenant, branch, adapter, name, settings, json }: SourceOptions): Promise<void> {
  const parsed = await readSettings(settings, "the source's settings");
  const store = await openCentreStore(directory);
  try {
    await setSource(store, { tenantId: tenant, branch, name, adapter, settings: parsed });
  } finally {
    await store.destroy();
  }
  const words = [`Applications for ${tenant}${branch} are pulled from ${name} by ${adapter}.`];
  answer({ tenantId: tenant, branch, name, adapter }, { json, words });
}

export function sourceCommand(): Command {
  const set = new Command("set")
    .description("say from where a tenant's applications are pulled; replaces a source of the same name")
    .requiredOption(...directoryOption)
    .requiredOption("--tenant <tenantId>", "whose applications")
    .requiredOption(
      "--settings <file>",
      "JSON with the source's options, - for standard input (secrets stay off the command line)",
    )
    .option("--adapter <name>", "the system they are pulled from", "successfactors")
    .option("--name <name>", "the source's name", "successfactors")
    .option("--branch <path>", "for vacancies of this branch and those below", "/")
    .option(...jsonOption)
    .action(source);
  return new Command("source").description("where orders are pulled from").addCommand(set);
}

/** JSON of a file, or of standard input for `-`. @throws Fault file.missing, config.invalid */
export async function readSettings(path: string, what: string): Promise<unknown> {
  const content = path === "-" ? await readAll(process.stdin) : await readText(path);
  return parseJson(z.unknown(), content, { what, otherwise: "config.invalid" });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Fault("file.missing", `${path} cannot be read: name a JSON file of settings, or - for standard input`, {
      cause: error,
    });
  }
}

export function targetCommand(): Command {
  const set = new Command("set")
    .description("say where a tenant's results go; replaces a target of the same name")
    .requiredOption(...directoryOption)
    .requiredOption("--tenant <tenantId>", "whose results")
    .requiredOption(
      "--settings <file>",
      "JSON with the adapter's options, - for standard input (secrets stay off the command line)",
    )
    .option("--adapter <name>", "the way to deliver", "webhook")
    .option("--name <name>", "the target's name", "hr-system")
    .option(
      "--wants <kind>",
      "result (where nothing is said), status, start, help or invitation, as the adapter takes (repeat for more)",
      collect,
      [],
    )
    .option("--contact-rank <number>", "who is alerted first when help is called: the lowest", "0")
    .option("--branch <path>", "results of this branch and those below", "/")
    .option(...jsonOption)
    .action(target);
  return new Command("target").description("where results go").addCommand(set);
}
