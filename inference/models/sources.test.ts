import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { type ModelsLock, modelsLock, ownLockName } from "./lock.ts";
import { nextHop } from "./sources/url.ts";
import { type FetchProgress, openModelStore } from "./store.ts";

const content = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) & 255));
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const pinned = { name: "a.bin", sha256: sha256(content), bytes: content.length };
const lockOf = (...sources: object[]): ModelsLock =>
  modelsLock.parse({ version: 1, models: [{ ...about, files: [{ ...pinned, sources }] }] });
const about = { id: "m", version: "1", purpose: "a test", licence: "MIT", fetchedByDefault: true };
const url = (where: string): object => ({ kind: "url", url: where });

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
async function serve(t: { teardown(done: () => void): unknown }, handler: Handler): Promise<string> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const leftovers = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true })).filter((name) => /\.(work|.*part)/.test(name));

t.test("redirects in a circle and without end are refused, and the next source is taken", async (t) => {
  let asked = 0;
  const base = await serve(t, (request, response) => {
    asked++;
    const [, kind, step] = request.url?.split("/") ?? [];
    if (kind === "file") response.end(content);
    else response.writeHead(302, { location: kind === "circle" ? "/circle" : `/endless/${Number(step) + 1}` }).end();
  });
  const told: FetchProgress[] = [];
  const lock = lockOf(url(`${base}/circle`), url(`${base}/endless/0`), url(`${base}/file`));
  const store = await openModelStore({ directory: t.testdir(), lock });
  await store.fetch(["m"], { onProgress: (progress) => told.push(progress) });
  const reasons = told.flatMap((one) => (one.step === "passedOver" ? [one.reason] : []));
  t.match(reasons, [/in a circle/, /more than 5 times/]);
  t.ok(asked < 10, `${asked} requests`);
});

t.test("a redirect may change the host, and not the protection", async (t) => {
  t.equal(nextHop("https://a.org/x/y", "z"), "https://a.org/x/z");
  t.equal(nextHop("https://a.org/x", "//b.org/z"), "https://b.org/z");
  t.equal(nextHop("http://a.org/x", "https://b.org/z"), "https://b.org/z");
  t.throws(() => nextHop("https://a.org/x", "http://a.org/x"), { code: "peer.refused", message: /HTTPS to HTTP/ });
  t.throws(() => nextHop("https://a.org/x", "file:///etc/passwd"), { code: "peer.refused" });
  t.throws(() => nextHop("https://a.org/x", null), { code: "peer.refused", message: /nowhere/ });
});

t.test("a server that cannot go on behind this part is asked for the whole", async (t) => {
  for (const refuse of ["416", "elsewhere"]) {
    const base = await serve(t, (request, response) => {
      if (request.headers.range === undefined) response.end(content);
      else if (refuse === "416") response.writeHead(416).end();
      else response.writeHead(206, { "content-range": `bytes 0-99/${content.length}` }).end(content.subarray(0, 100));
    });
    const directory = t.testdir({ m: { ".a.bin.part": "what an earlier fetch left" } });
    const store = await openModelStore({ directory, lock: lockOf(url(base)) });
    await store.fetch(["m"]);
    t.equal((await store.load("m")).files["a.bin"], pinned.sha256, refuse);
  }
});

t.test("what has the wrong hash is removed, whether it was downloaded or lay in a folder", async (t) => {
  const base = await serve(t, (_, response) => void response.end(Buffer.alloc(content.length)));
  const directory = t.testdir({ from: { m: { "a.bin": "wrong" } }, store: {} });
  const store = await openModelStore({
    directory: join(directory, "store"),
    mirror: join(directory, "from"),
    lock: lockOf(url(base)),
  });
  await t.rejects(store.fetch(["m"]), { code: "model.unfetchable", message: /the folder.*sha256.*sha256/ });
  t.same(await readdir(join(directory, "store"), { recursive: true }), ["m"]);
  t.match(await store.verify(), [{ id: "m", state: "missing" }]);
});

t.test("a full disk is named, with what is needed, and no other source is asked", async (t) => {
  let asked = 0;
  const base = await serve(t, (_, response) => {
    asked++;
    response.end(content);
  });
  const directory = t.testdir({ m: {} });
  // What Linux gives for tests of a full disk: every write to it fails with ENOSPC (full(4)).
  await symlink("/dev/full", join(directory, "m", ".a.bin.part"));
  const store = await openModelStore({ directory, lock: lockOf(url(base), url(base)) });
  await t.rejects(store.fetch(["m"]), { code: "storage.full", message: /300000 bytes.*CANDOR_MODELS_DIR/ });
  t.equal(asked, 1);
});

async function archived(t: { testdir(): string }): Promise<Buffer> {
  const folder = t.testdir();
  await mkdir(join(folder, "model"));
  await writeFile(join(folder, "model", "a.bin"), content);
  execFileSync("tar", ["cjf", "a.tar.bz2", "model"], { cwd: folder });
  return readFile(join(folder, "a.tar.bz2"));
}

t.test("takes a file out of a .tar.bz2 that broke off at first, and leaves nothing of it", async (t) => {
  const archive = await archived(t);
  const ranges: (string | undefined)[] = [];
  const base = await serve(t, (request, response) => {
    const { range } = request.headers;
    ranges.push(range);
    const from = Number(/\d+/.exec(range ?? "0")?.[0]);
    const length = archive.length;
    if (from > 0) {
      response.writeHead(206, { "content-range": `bytes ${from}-${length - 1}/${length}` }).end(archive.subarray(from));
      return;
    }
    response.writeHead(200, { "content-length": length });
    response.write(archive.subarray(0, length >> 1), () => void systemClock.sleep(50).then(() => response.destroy()));
  });
  const about = { kind: "archive", url: `${base}/a.tar.bz2`, sha256: sha256(archive), bytes: archive.length };
  const directory = t.testdir();
  const store = await openModelStore({ directory, lock: lockOf({ ...about, member: "model/a.bin" }) });
  await t.rejects(store.fetch(["m"]), { code: "model.unfetchable", message: /broke off/ });
  await store.fetch(["m"]);
  t.match(ranges, [undefined, /^bytes=[1-9]/]);
  t.same(await readFile((await store.load("m")).path("a.bin")), content);
  t.same(await leftovers(directory), []);
  const other = await openModelStore({ directory: t.testdir(), lock: lockOf({ ...about, member: "model/none" }) });
  await other.fetch(["m"]).catch(() => undefined);
  await t.rejects(other.fetch(["m"]), { code: "model.unfetchable", message: /tar took no model\/none/ });
});

t.test("an archive with the wrong hash is not opened", async (t) => {
  const archive = await archived(t);
  const base = await serve(t, (_, response) => void response.end(archive));
  const directory = t.testdir();
  const about = { kind: "archive", url: base, sha256: "0".repeat(64), bytes: archive.length, member: "model/a.bin" };
  const store = await openModelStore({ directory, lock: lockOf({ ...about, url: `${base}/a.tar.bz2` }) });
  await t.rejects(store.fetch(["m"]), { code: "model.unfetchable", message: /its archive has the sha256/ });
  t.same(await leftovers(directory), []);
});

t.test("a customer's own model is pinned beside the models, and cannot take the place of a shipped one", async (t) => {
  const directory = t.testdir();
  const own = (id: string): object => ({
    version: 1,
    models: [
      { ...about, id, fetchedByDefault: false, files: [{ ...pinned, sources: [url("https://example.org/a")] }] },
    ],
  });
  await writeFile(join(directory, ownLockName), JSON.stringify(own("zipformer-ctc-zh")));
  const store = await openModelStore({ directory });
  t.match(
    (await store.list()).find((model) => model.id === "zipformer-ctc-zh"),
    { state: "missing", fetchedByDefault: false },
  );
  await writeFile(join(directory, ownLockName), JSON.stringify(own("whisper-base")));
  await t.rejects(openModelStore({ directory }), { code: "config.invalid", message: /whisper-base stands twice/ });
  await writeFile(join(directory, ownLockName), "{");
  await t.rejects(openModelStore({ directory }), { code: "config.invalid", message: /models\.lock\.json/ });
});
