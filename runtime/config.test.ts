import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { z } from "zod";
import { Fault } from "../contracts/fault.ts";
import { defineConfig, explainConfig, loadConfig } from "./config.ts";

const kettle = defineConfig("tea-kettle", {
  stateDirectory: { doc: "Where the leaves are.", format: "folder", default: "/var/lib/kettle" },
  boilSeconds: { doc: "How long it boils.", format: { unit: "seconds", from: 1, to: 600 }, default: 120 },
  port: { doc: "Where it listens.", format: "port", default: 0 },
  whistle: { doc: "Whether it whistles.", format: "flag", default: false },
  leaf: { doc: "Which tea.", format: ["green", "black"], default: "green" },
  guests: {
    doc: "Who is coming.",
    format: z.array(z.strictObject({ seat: z.number(), sugar: z.boolean().default(false) })),
    default: [],
  },
  strainer: { doc: "Which strainer.", format: "text", default: null },
  recipe: { doc: "The family's recipe.", format: "secret", default: "water" },
});

function folderWith(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "candor-config-"));
  writeFileSync(join(folder, "tea-kettle.json"), typeof content === "string" ? content : JSON.stringify(content));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

t.test("takes each value from the last source that gives it", async (t) => {
  const folder = folderWith({ boilSeconds: 60, port: 8080, leaf: "black" });
  const env = {
    CANDOR_TEA_KETTLE_PORT: "9090",
    CANDOR_TEA_KETTLE_WHISTLE: "true",
    CANDOR_TEA_KETTLE_GUESTS: '[{"seat":1}]',
  };
  const config = loadConfig(kettle, { folder, env, flags: { leaf: "green", boilSeconds: undefined } });
  t.match(config, {
    stateDirectory: "/var/lib/kettle",
    boilSeconds: 60,
    port: 9090,
    whistle: true,
    leaf: "green",
    strainer: null,
  });
  t.strictSame(config.guests, [{ seat: 1, sugar: false }]);
});

t.test("runs on defaults where there is no file", async (t) => {
  t.equal(loadConfig(kettle, { folder: "/nowhere", env: {} }).boilSeconds, 120);
});

t.test("refuses an unknown key of a file, naming key, file and remedy", async (t) => {
  const folder = folderWith({ boilSecond: 60 });
  const fault = faultOf(() => loadConfig(kettle, { folder, env: {} }));
  t.equal(fault.code, "config.unknown");
  t.equal(fault.field, "boilSecond");
  t.match(fault.message, join(folder, "tea-kettle.json"));
  t.match(fault.message, /correct or remove/);
});

t.test("refuses a misspelt variable of the environment", async (t) => {
  const fault = faultOf(() => loadConfig(kettle, { folder: "/nowhere", env: { CANDOR_TEA_KETTLE_BOILSECONDS: "60" } }));
  t.equal(fault.code, "config.unknown");
  t.equal(fault.field, "CANDOR_TEA_KETTLE_BOILSECONDS");
});

t.test("leaves the variables of other processes alone", async (t) => {
  t.equal(loadConfig(kettle, { folder: "/nowhere", env: { CANDOR_STOVE_PORT: "1" } }).port, 0);
});

const wrong: [string, Record<string, unknown>][] = [
  ["a text where a number belongs", { boilSeconds: "60" }],
  ["a number out of range", { boilSeconds: 601 }],
  ["a fraction where whole numbers belong", { boilSeconds: 1.5 }],
  ["a port beyond 65535", { port: 70_000 }],
  ["a relative folder", { stateDirectory: "leaves" }],
  ["a word that is not on the list", { leaf: "oolong" }],
  ["a list of another shape", { guests: [{ chair: 1 }] }],
  ["null where a value belongs", { boilSeconds: null }],
];
for (const [what, content] of wrong)
  t.test(`refuses ${what}, naming the key, its source and what it takes`, async (t) => {
    const folder = folderWith(content);
    const fault = faultOf(() => loadConfig(kettle, { folder, env: {} }));
    const [key = ""] = Object.keys(content);
    t.equal(fault.code, "config.invalid");
    t.equal(fault.field, key);
    t.match(fault.message, join(folder, "tea-kettle.json"));
    t.match(fault.message, "it takes");
  });

t.test("refuses a file that is not JSON, and does not fall back to defaults", async (t) => {
  t.equal(faultOf(() => loadConfig(kettle, { folder: folderWith("{"), env: {} })).code, "config.invalid");
  t.equal(faultOf(() => loadConfig(kettle, { folder: folderWith([]), env: {} })).code, "config.invalid");
});

const vault = defineConfig("vault", {
  password: { doc: "Opens it.", format: "secret" },
  address: { doc: "Where it stands.", format: "url" },
});

t.test("refuses to run without a secret, and says where to put it", async (t) => {
  const fault = faultOf(() => loadConfig(vault, { folder: "/etc/candor", env: {} }));
  t.equal(fault.code, "config.secretMissing");
  t.match(fault.message, "/etc/candor/vault.json");
  t.match(fault.message, "CANDOR_VAULT_PASSWORD");
});

t.test("refuses a missing key that has no default", async (t) => {
  const fault = faultOf(() => loadConfig(vault, { folder: "/nowhere", env: { CANDOR_VAULT_PASSWORD: "x" } }));
  t.equal(fault.code, "config.invalid");
  t.equal(fault.field, "address");
});

t.test("explains every key with value, origin and source, and shows no secret", async (t) => {
  const folder = folderWith({ boilSeconds: 60, recipe: "jasmine" });
  const rows = explainConfig(kettle, { folder, env: {}, flags: { stateDirectory: "/tmp/leaves" } });
  t.equal(rows.length, Object.keys(kettle.settings).length);
  const row = (key: string) => rows.find((one) => one.key === key);
  t.match(row("boilSeconds"), {
    value: 60,
    origin: "file",
    source: join(folder, "tea-kettle.json"),
    takes: "seconds, 1 to 600, whole",
  });
  t.match(row("stateDirectory"), { value: "/tmp/leaves", origin: "flag", source: "--state-directory" });
  t.match(row("port"), { value: 0, origin: "default", variable: "CANDOR_TEA_KETTLE_PORT" });
  t.match(row("recipe"), { value: "(set)", origin: "file" });
  t.notMatch(JSON.stringify(rows), "jasmine");
});

t.test("explains a missing secret as missing", async (t) => {
  const [password] = explainConfig(vault, { folder: "/nowhere", env: {} });
  t.match(password, { key: "password", value: null, origin: "missing" });
});
