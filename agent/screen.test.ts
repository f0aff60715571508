import { readFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import t from "tap";
import { longestSource } from "../contracts/judge.ts";
import { languages } from "../contracts/language.ts";
import { pageName, type ScreenRequest } from "../contracts/screen.ts";
import { systemClock } from "../runtime/clock.ts";
import { projectRoot } from "../runtime/paths.ts";
import { readWording } from "./catalogue.ts";
import { Screen } from "./screen.ts";

const open = async (t: Tap) => {
  const asked: ScreenRequest[] = [];
  const faults: string[] = [];
  const beats: number[] = [];
  const screen = new Screen({
    port: 0,
    clock: systemClock,
    onRequest: (request) => asked.push(request),
    onBeat: () => beats.push(systemClock.monotonic()),
    onFault: (error) => faults.push((error as { code: string }).code),
  });
  await screen.start();
  t.teardown(() => screen.stop());
  const bearer = { authorization: `Bearer ${screen.token}` };
  const press = (headers: Record<string, string>, body = '{"do":"press","button":"start"}') =>
    fetch(`${screen.origin}/do`, { method: "POST", headers, body });
  return { screen, asked, faults, beats, bearer, press };
};
type Tap = { teardown: (work: () => Promise<void>) => void };

t.test("refuses every request without this start's token, by name", async (t) => {
  const { screen, asked, faults, press } = await open(t);
  for (const path of ["/", "/events", "/page.js", "/code.js", "/catalogue/en.json"]) {
    const answer = await fetch(screen.origin + path);
    t.equal(answer.status, 401, path);
    t.match(await answer.json(), { code: "token.missing" });
  }
  t.equal((await press({})).status, 401);
  t.equal((await press({ authorization: "Bearer another" })).status, 401);
  t.equal((await fetch(`${screen.origin}/enter?token=another`, { redirect: "manual" })).status, 401);
  t.strictSame(asked, []);
  t.equal(faults.length, 8, "each is counted");
});

t.test("lets the page in by its address and keeps the token out of the page's reach", async (t) => {
  const { screen, asked, press } = await open(t);
  const entered = await fetch(screen.url, { redirect: "manual" });
  t.equal(entered.status, 303);
  t.equal(entered.headers.get("location"), "/");
  const set = entered.headers.get("set-cookie") ?? "";
  t.match(set, /HttpOnly; SameSite=Strict/);
  const cookie = set.split(";")[0] ?? "";
  const page = await fetch(`${screen.origin}/`, { headers: { cookie } });
  t.equal(page.status, 200);
  t.match(page.headers.get("content-security-policy"), /script-src 'self'/);
  t.notMatch(await page.text(), /<script>|onclick|style=/, "nothing inline");
  t.equal((await press({ cookie, origin: screen.origin })).status, 204);
  t.strictSame(asked, [{ do: "press", button: "start" }]);
});

t.test("refuses another page's request and another host's name, also with the token", async (t) => {
  const { screen, asked, bearer, press } = await open(t);
  const other = await press({ ...bearer, origin: "http://127.0.0.1:1" });
  t.equal(other.status, 403);
  t.match(await other.json(), { code: "origin.refused" });
  const rebound = await new Promise<IncomingMessage>((resolve) => {
    get(screen.origin, { headers: { ...bearer, host: "evil.example" } }, resolve);
  });
  rebound.resume();
  t.equal(rebound.statusCode, 403);
  t.strictSame(asked, []);
});

t.test("refuses what is no request of the page and stays up", async (t) => {
  const { asked, bearer, press } = await open(t);
  for (const body of ["", "{", '{"do":"press","button":"E"}', '{"do":"withdraw","more":1}'])
    t.equal((await press(bearer, body)).status, 400, body);
  t.equal((await press(bearer, "x".repeat(300_000))).status, 413);
  t.equal((await press(bearer)).status, 204);
  const write = (source: string) =>
    press(bearer, JSON.stringify({ do: "write", questionId: "q", language: "python", source }));
  t.equal((await write("\u0001".repeat(longestSource))).status, 204, "the longest program, every character escaped");
  t.equal((await write("x".repeat(longestSource + 1))).status, 400);
  t.equal(asked.length, 2);
});

t.test("tells how long ago the page gave a sign of life", async (t) => {
  const { screen, beats, bearer } = await open(t);
  const life = async () => (await fetch(`${screen.origin}/beat`, { headers: bearer })).json();
  t.strictSame(await life(), { sinceMillis: null });
  t.equal((await fetch(`${screen.origin}/beat`, { method: "POST" })).status, 401, "not from a stranger");
  t.equal((await fetch(`${screen.origin}/beat`, { method: "POST", headers: bearer })).status, 204);
  t.equal(beats.length, 1);
  await systemClock.sleep(60);
  const { sinceMillis } = (await life()) as { sinceMillis: number };
  t.ok(sinceMillis >= 50 && sinceMillis < 5000);
});

t.test("tells the present view at once and each change after it", async (t) => {
  const { screen, bearer } = await open(t);
  screen.show({ show: "waiting", language: "en", recording: false });
  const answer = await fetch(`${screen.origin}/events`, { headers: bearer });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () =>
    JSON.parse(((await reader?.read())?.value ?? "").replace(/^data: /, "")) as { show: string; sequence: number };
  t.match(await next(), { show: "waiting", sequence: 1 });
  screen.show({ show: "waiting", language: "en", recording: false });
  screen.show({ show: "notice", language: "en", recording: false });
  t.match(await next(), { show: "notice", sequence: 2 }, "the same scene is not told twice");
  await reader?.cancel();
});

t.test("has words for every page and every sentence that the page asks for, in both languages", async (t) => {
  const scripts = ["page.js", "code.js"].map((name) => readFile(join(projectRoot, "screen", "page", name), "utf8"));
  const script = (await Promise.all(scripts)).join("");
  const asked = [...script.matchAll(/(?:text|start|farewell)\(\s*"([\w.]+)"/g)].map((found) => found[1] ?? "");
  t.ok(asked.length > 20);
  const catalogues = await Promise.all(
    languages.map(
      async (language) =>
        JSON.parse(await readFile(join(projectRoot, "screen", "catalogue", `${language}.json`), "utf8")) as Record<
          string,
          string
        >,
    ),
  );
  const [first = {}] = catalogues;
  for (const [at, catalogue] of catalogues.entries()) {
    t.strictSame(Object.keys(catalogue).sort(), Object.keys(first).sort(), `keys of language ${at}`);
    for (const show of pageName.options) t.ok(catalogue[`show.${show}.title`], `${languages[at]} ${show}`);
    for (const key of asked) t.ok(catalogue[key], `${languages[at]} ${key}`);
  }
  t.match(await readWording(), { en: { "feedback.none": /competency/ } });
});
