import { readFile } from "node:fs/promises";
import { Agent } from "node:https";
import { Command, Option } from "commander";
import { z } from "zod";
import { templateOf } from "../bridge/hr/upload/read.ts";
import { type Answer, post } from "../bridge/peer.ts";
import { Fault, type FaultCode, faults } from "../contracts/fault.ts";
import { languages } from "../contracts/language.ts";
import { minutes } from "../contracts/units.ts";
import { writeDurably } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";
import { terminalLanguage } from "./demo/catalogue.ts";

type UploadOptions = {
  url: string;
  tokenFile?: string;
  authority?: string;
  dryRun?: boolean;
  offset: string;
  language: (typeof languages)[number];
  json?: boolean;
};

const uploaded = z.looseObject({ new: z.number(), superseded: z.number(), same: z.number() });
const refusal = z.looseObject({ code: z.string(), message: z.string(), field: z.string().optional() });

async function readGiven(path: string, what: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw new Fault("file.missing", `${path} cannot be read: name ${what}`, { cause: error });
  });
}

/** From a file or the environment: a command line is seen by everyone on the machine. */
async function readToken(file: string | undefined): Promise<string> {
  const token =
    file === undefined ? process.env["CANDOR_TOKEN"] : (await readGiven(file, "the token's file")).toString();
  if (token === undefined || token.trim() === "")
    throw new Fault("token.missing", "give --token-file, or a token in CANDOR_TOKEN, with the scope orders:write");
  return token.trim();
}

function summary(answer: Answer, { dryRun, language }: UploadOptions): string {
  const { new: fresh, superseded, same } = parseJson(uploaded, answer.body, { what: "the centre's answer" });
  if (language === "en")
    return `${dryRun ? "Checked, nothing was taken: " : ""}${fresh} new, ${superseded} changed, ${same} as before`;
  return `${dryRun ? "已检查，未写入：" : ""}新增 ${fresh}，变更 ${superseded}，不变 ${same}`;
}

async function runUpload(file: string, options: UploadOptions): Promise<void> {
  const { url, dryRun, language, offset, json } = options;
  const body = await readGiven(file, "a .csv or .xlsx file");
  const ca =
    options.authority === undefined ? undefined : await readGiven(options.authority, "the centre's authority.pem");
  const agent = new Agent(ca === undefined ? {} : { ca });
  const query = new URLSearchParams({ language, offset, dryRun: String(dryRun === true) });
  const headers = {
    authorization: `Bearer ${await readToken(options.tokenFile)}`,
    "content-type": "application/octet-stream",
  };
  try {
    const answer = await post({
      url: `${url.replace(/\/$/, "")}/v1/orders/upload?${query}`,
      ...{ body, headers, agent, limit: minutes(2), signal: new AbortController().signal },
    });
    if (answer.status >= 300) {
      if (json === true) process.stdout.write(`${answer.body}\n`);
      const { code, message, field } = parseJson(refusal, answer.body, { what: "the centre's answer" });
      const known = Object.hasOwn(faults, code) ? (code as FaultCode) : "peer.refused";
      throw new Fault(known, message, field === undefined ? {} : { field });
    }
    process.stdout.write(`${json === true ? answer.body : summary(answer, options)}\n`);
  } finally {
    agent.destroy();
  }
}

const languageOption = (): Option =>
  new Option("--language <language>", "language of headers and errors")
    .choices(languages)
    .default(terminalLanguage(process.env));

function uploadCommand(): Command {
  return new Command("upload")
    .description("order interviews by a CSV or Excel file: all rows or none")
    .argument("<file>", "a .csv or .xlsx file, as `candor orders template` makes one")
    .requiredOption("--url <url>", "the centre's API, https://host:port")
    .option("--token-file <file>", "a token with the scope orders:write; else CANDOR_TOKEN")
    .option("--authority <file>", "the centre's authority.pem")
    .option("--dry-run", "check only, take nothing")
    .option("--offset <offset>", "offset from UTC of times that name none", "+08:00")
    .addOption(languageOption())
    .option("--json", "one JSON value on standard output")
    .action(runUpload);
}

type TemplateOptions = { out: string; language: (typeof languages)[number] };

function templateCommand(): Command {
  return new Command("template")
    .description("write a file to fill in, .xlsx or .csv")
    .requiredOption("--out <file>", "where it goes")
    .addOption(languageOption())
    .action(async ({ out, language }: TemplateOptions) => {
      await writeDurably(out, await templateOf(out.endsWith(".csv") ? "csv" : "xlsx", language));
    });
}

/** `candor orders …`: interviews by file. */
export function ordersCommand(): Command {
  return new Command("orders")
    .description("order interviews by a CSV or Excel file")
    .addCommand(uploadCommand())
    .addCommand(templateCommand());
}
