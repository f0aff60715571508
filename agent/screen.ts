import { randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { asFault, Fault } from "../contracts/fault.ts";
import { longestSource } from "../contracts/judge.ts";
import { type PageLife, type ScreenRequest, screenRequest, type View } from "../contracts/screen.ts";
import { type Millis, seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import { parseJson } from "../runtime/parse.ts";
import type { Part } from "../runtime/parts.ts";
import { projectRoot } from "../runtime/paths.ts";
import type { Scene } from "./session/view.ts";

const files: Readonly<Record<string, { file: string; type: string }>> = {
  "/": { file: "page/index.html", type: "text/html; charset=utf-8" },
  "/page.js": { file: "page/page.js", type: "text/javascript; charset=utf-8" },
  "/code.js": { file: "page/code.js", type: "text/javascript; charset=utf-8" },
  "/page.css": { file: "page/page.css", type: "text/css; charset=utf-8" },
  "/catalogue/zh-CN.json": { file: "catalogue/zh-CN.json", type: "application/json" },
  "/catalogue/en.json": { file: "catalogue/en.json", type: "application/json" },
};

const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
} as const;

const cookieName = "candor";
/** A program with every character escaped; all else is a few bytes. */
const longestBody = 8 * longestSource;
/** A comment line now and then, so that a dead connection is noticed on both sides. */
const heartbeat = seconds(15);

export type ScreenOptions = {
  port: number;
  clock: Clock;
  onRequest: (request: ScreenRequest) => void;
  /** The page is drawn and its script runs: told every 5 s. */
  onBeat: () => void;
  onFault: (error: unknown) => void;
};

/** The candidate's page, on loopback only: each request carries this start's token and comes from the page itself. */
export class Screen implements Part {
  readonly name = "screen";
  readonly #options: ScreenOptions;
  readonly #token = randomBytes(24).toString("base64url");
  readonly #server: Server;
  readonly #watchers = new Set<ServerResponse>();
  #origin = "";
  #sequence = 0;
  #drawn = "";
  #view: View = { show: "starting", language: "zh-CN", sequence: 0, recording: false };
  #stopBeating: (() => void) | undefined;
  #beatAt: Millis | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => this.#refuse(response, error));
    });
  }

  get token(): string {
    return this.#token;
  }

  /** Where the page is; known once started. */
  get origin(): string {
    return this.#origin;
  }

  get url(): string {
    return `${this.#origin}/enter?token=${this.#token}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) =>
        reject(new Fault("config.invalid", `the page's port ${this.#options.port} cannot be had`, { cause: error })),
      );
      this.#server.listen(this.#options.port, "127.0.0.1", resolve);
    });
    this.#origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.#stopBeating = this.#options.clock.every(heartbeat, () => {
      for (const watcher of this.#watchers) watcher.write(":\n\n");
    });
  }

  async stop(): Promise<void> {
    this.#stopBeating?.();
    for (const watcher of this.#watchers) watcher.end();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Draws a scene, where it differs from the one that is shown. */
  show(scene: Scene): void {
    // The page counts on by itself: time alone draws nothing.
    const drawn = JSON.stringify(scene, (key, value) => (key === "answeredSeconds" ? undefined : value));
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#sequence += 1;
    this.#view = { ...scene, sequence: this.#sequence };
    for (const watcher of this.#watchers) this.#tell(watcher);
  }

  /** A page that does not read is let go: it comes back for the view of then. */
  #tell(watcher: ServerResponse): void {
    if (watcher.writableLength > 1_000_000) watcher.destroy();
    else watcher.write(`data: ${JSON.stringify(this.#view)}\n\n`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.#origin);
    this.#checkOrigin(request);
    if (pathname === "/enter" && request.method === "GET")
      return this.#enter(response, searchParams.get("token") ?? "");
    this.#checkToken(request);
    const route = `${request.method} ${pathname}`;
    if (route === "GET /events") return this.#watch(request, response);
    if (route === "POST /do") return this.#do(request, response);
    if (route === "POST /beat") return this.#beat(response);
    if (route === "GET /beat") return this.#tellBeat(response);
    const found = request.method === "GET" ? files[pathname] : undefined;
    if (found === undefined) throw new Fault("file.missing", "there is no such page here");
    const body = await readFile(join(projectRoot, "screen", found.file));
    response.writeHead(200, { ...headers, "content-type": found.type }).end(body);
  }

  #enter(response: ServerResponse, token: string): void {
    if (token === "") throw new Fault("token.missing", "the page is entered with this start's token");
    if (!this.#isToken(token))
      throw new Fault("token.invalid", "this token is of another start of the agent: take the new address");
    const cookie = `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Strict`;
    response.writeHead(303, { ...headers, location: "/", "set-cookie": cookie }).end();
  }

  #isToken(given: string): boolean {
    const [a, b] = [Buffer.from(given), Buffer.from(this.#token)];
    return a.length === b.length && timingSafeEqual(a, b);
  }

  /** Another page in the same browser must not press buttons; a Host of another name is a rebound DNS name. */
  #checkOrigin(request: IncomingMessage): void {
    const { origin, host } = request.headers;
    const own = this.#origin.slice("http://".length);
    if (origin !== undefined && origin !== this.#origin)
      throw new Fault("origin.refused", "the request comes from another page");
    if (host !== own && host !== own.replace("127.0.0.1", "localhost"))
      throw new Fault("origin.refused", "the request names another host");
  }

  #checkToken({ headers: { authorization, cookie } }: IncomingMessage): void {
    const bearer = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
    const kept = new RegExp(`(?:^|; )${cookieName}=([^;]+)`).exec(cookie ?? "")?.[1];
    const given = bearer ?? kept;
    if (given === undefined) throw new Fault("token.missing", "the page is entered with this start's token");
    if (!this.#isToken(given))
      throw new Fault("token.invalid", "this token is of another start of the agent: take the new address");
  }

  #watch(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { ...headers, "content-type": "text/event-stream" });
    this.#watchers.add(response);
    request.once("close", () => this.#watchers.delete(response));
    this.#tell(response);
  }

  async #do(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) {
      text += String(chunk);
      if (text.length > longestBody)
        throw new Fault("message.tooLarge", "a request of the page is longer than any program may be");
    }
    this.#options.onRequest(parseJson(screenRequest, text, { what: "a request of the page" }));
    response.writeHead(204, headers).end();
  }

  #beat(response: ServerResponse): void {
    this.#beatAt = this.#options.clock.monotonic();
    this.#options.onBeat();
    response.writeHead(204, headers).end();
  }

  /** For whoever started the browser: how long ago the page last gave a sign of life; null: not yet. */
  #tellBeat(response: ServerResponse): void {
    const sinceMillis = this.#beatAt === undefined ? null : Math.round(this.#options.clock.monotonic() - this.#beatAt);
    const body: PageLife = { sinceMillis };
    response.writeHead(200, { ...headers, "content-type": "application/json" }).end(JSON.stringify(body));
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const fault = asFault(error);
    this.#options.onFault(fault);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.writeHead(fault.status, { ...headers, "content-type": "application/json" }).end(JSON.stringify(fault));
  }
}
