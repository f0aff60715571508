import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { HttpOpposite, Opposite } from "../conformance.ts";

export type Asked = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
};
export type Reply = { status: number; headers?: Readonly<Record<string, string>>; body?: string };

/**
 * Kinds of trouble beyond those of the contract suite: `overloaded` has too much to do and does not say for how long,
 * and those of a peer over HTTP; `moved` sends the caller to the same server's `/elsewhere`.
 */
export type Mood = Parameters<Opposite["trouble"]>[0] | Parameters<HttpOpposite["misbehave"]>[0] | "overloaded";

export type FakeOptions = {
  handle: (asked: Asked) => Reply | Promise<Reply>;
  /** Requests that trouble meets: deliveries, and not, say, those for a token. */
  troubled: (asked: Asked) => boolean;
  /** How this protocol says that it has too much to do, and that it will never take something. */
  busy: Reply;
  refusing: Reply;
};

export type FakeServer = {
  readonly url: string;
  /** Everything asked so far, in order. */
  readonly asked: readonly Asked[];
  mood: Mood;
  stop(): Promise<void>;
};

export const json = (body: unknown, status = 200): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function read(request: IncomingMessage): Promise<Asked> {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request as AsyncIterable<string>) body += chunk;
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake");
  return { method: request.method ?? "", path: pathname, query: searchParams, headers: request.headers, body };
}

/** The reply under a mood; undefined is silence. */
async function replyOf(
  asked: Asked,
  mood: Mood,
  { handle, troubled, busy, refusing }: FakeOptions,
): Promise<Reply | undefined> {
  if (mood === "none" || !troubled(asked)) return handle(asked);
  if (mood === "slow") return undefined;
  if (mood === "busy") return busy;
  if (mood === "overloaded") return { status: 429 };
  if (mood === "refusing") return refusing;
  if (mood === "garbage") return { status: 200, body: "<html>a proxy's page</html>" };
  if (mood === "moved") return { status: 307, headers: { location: "/elsewhere" } };
  if (mood === "cut") await handle(asked);
  return { status: 500 };
}

/** An HTTP server on this machine that speaks one protocol and can be in trouble. */
export async function startFake(options: FakeOptions): Promise<FakeServer> {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = await read(request);
    asked.push(one);
    const reply = await replyOf(one, fake.mood, options);
    if (reply !== undefined) response.writeHead(reply.status, reply.headers).end(reply.body);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const fake: FakeServer = {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    asked,
    mood: "none",
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

/** The fake as the contract suite wants its peers. */
export const asOpposite = (
  fake: FakeServer,
  rest: Pick<Opposite, "options" | "effects" | "overload">,
): HttpOpposite => ({
  ...rest,
  trouble: (kind) => {
    fake.mood = kind;
  },
  misbehave: (kind) => {
    fake.mood = kind;
  },
  stop: () => fake.stop(),
});
