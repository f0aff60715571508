import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { newDataKey, sealBytes } from "../../runtime/seal.ts";
import { entropy, formsOfWord, mediaHeaders, searchTraces } from "./traces.ts";

const word = "Zhāng-秘密-7Q";

t.test("finds a marker word however it is written", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "candor-traces-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const written = {
    plain: word,
    escaped: [...word].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
    zero: Buffer.from(`${word}.`).toString("base64"),
    one: Buffer.from(`a${word}`).toString("base64"),
    two: Buffer.from(`ab${word}…`).toString("base64url"),
    json: Buffer.from(JSON.stringify({ name: word })).toString("base64"),
  };
  for (const [name, text] of Object.entries(written)) await writeFile(join(folder, name), `{"x":"${text}"}`);
  const { findings } = await searchTraces([folder], formsOfWord(word));
  for (const name of Object.keys(written))
    t.ok(
      findings.some((one) => one.file.endsWith(`/${name}`)),
      `found in ${name}`,
    );
});

t.test("finds media headers and none in ciphertext", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "candor-traces-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const wave = Buffer.concat([Buffer.from("RIFF\x24\0\0\0WAVEfmt "), Buffer.alloc(4096)]);
  const sealed = sealBytes(newDataKey(), wave, "session/mic-000001.sealed");
  await writeFile(join(folder, "bare"), wave);
  await writeFile(join(folder, "sealed"), sealed);
  await writeFile(join(folder, "sealed-in-base64"), sealed.toString("base64url"));
  const { findings } = await searchTraces([folder], mediaHeaders);
  t.same([...new Set(findings.map((one) => one.file.split("/").at(-1)))], ["bare"]);
  t.ok(entropy(sealed) > 7.9 && entropy(wave) < 1, "ciphertext looks like chance, silence does not");
});
