import { open, rm, stat } from "node:fs/promises";
import { Fault } from "../../../contracts/fault.ts";
import type { Millis } from "../../../contracts/units.ts";
import type { SourceContext } from "./context.ts";

type Download = { url: string; to: string; bytes: number };

/** Runs `work`, aborting `controller` when it takes longer than `limit`. */
async function within<T>(
  context: SourceContext,
  limit: Millis,
  work: { controller: AbortController; late: string; run: () => Promise<T> },
): Promise<T> {
  const done = new AbortController();
  const timer = context.clock.sleep(limit, done.signal).then(
    () => work.controller.abort(new Fault("peer.unreachable", work.late)),
    () => undefined,
  );
  try {
    return await work.run();
  } catch (error) {
    throw work.controller.signal.aborted ? work.controller.signal.reason : error;
  } finally {
    done.abort();
    await timer;
  }
}

const sizeOf = async (path: string): Promise<number> =>
  (
    await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return { size: 0 };
      throw error;
    })
  ).size;

const mostHops = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/** Where a redirect leads. Throws peer.refused for none, another protocol than HTTP, and a step down from HTTPS. */
export function nextHop(from: string, location: string | null): string {
  const { host, protocol } = new URL(from);
  const refuse = (why: string): Fault => new Fault("peer.refused", `${host} redirects ${why}`);
  if (location === null || !URL.canParse(location, from)) throw refuse("to nowhere");
  const to = new URL(location, from);
  if (to.protocol !== "https:" && to.protocol !== "http:") throw refuse(`to ${to.protocol}`);
  if (protocol === "https:" && to.protocol === "http:") throw refuse(`from HTTPS to HTTP (${to.host})`);
  return to.href;
}

/** Follows redirects ourselves: `fetch` would go round 20 times, and from HTTPS to HTTP. */
async function ask(
  download: Download,
  from: number,
  context: SourceContext,
  controller: AbortController,
): Promise<Response> {
  const seen = new Set<string>();
  for (let url = download.url; ; ) {
    seen.add(url);
    const response = await askOnce(url, from, context, controller);
    if (!redirects.has(response.status)) return response;
    await response.body?.cancel();
    const { host } = new URL(url);
    url = nextHop(url, response.headers.get("location"));
    if (seen.has(url)) throw new Fault("peer.refused", `${host} redirects in a circle`);
    if (seen.size > mostHops) throw new Fault("peer.refused", `${host} redirects more than ${mostHops} times`);
  }
}

async function askOnce(
  url: string,
  from: number,
  context: SourceContext,
  controller: AbortController,
): Promise<Response> {
  const { host } = new URL(url);
  if (context.deadHosts.has(host)) throw new Fault("peer.unreachable", `${host} did not answer before`);
  try {
    return await within(context, context.limits.answer, {
      controller,
      late: `${host} did not answer within ${context.limits.answer / 1000} s`,
      run: () =>
        fetch(url, {
          signal: controller.signal,
          redirect: "manual",
          headers: from > 0 ? { range: `bytes=${from}-` } : {},
        }),
    });
  } catch (error) {
    if (context.signal?.aborted) throw context.signal.reason;
    context.deadHosts.add(host);
    if (error instanceof Fault) throw error;
    throw new Fault("peer.unreachable", `${host} cannot be reached`, { cause: error });
  }
}

/**
 * Where the answer's first byte belongs: behind the part, or at the start when the server does not resume. Undefined
 * where it cannot go on behind this part, and must be asked for the whole.
 */
function startOf(response: Response, asked: number): number | undefined {
  if (response.status === 200) return 0;
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  if (response.status === 206 && Number(range?.[1]) === asked) return asked;
  if (asked > 0 && (response.status === 206 || response.status === 416)) return undefined;
  throw new Fault("peer.refused", `${new URL(response.url).host} answered ${response.status}`);
}

/**
 * Downloads into `to`, going on behind what is already there. Up to five redirects are followed, none from HTTPS to HTTP. The content is not trusted: the
 * caller checks its hash. Throws peer.unreachable (no answer, broken off; what came is kept), peer.refused (a status,
 * more bytes than expected).
 */
export async function download(wanted: Download, context: SourceContext): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(context.signal?.reason);
  context.signal?.addEventListener("abort", stop, { once: true });
  context.signal?.throwIfAborted();
  try {
    let part = await sizeOf(wanted.to);
    if (part >= wanted.bytes) {
      await rm(wanted.to);
      part = 0;
    }
    let response = await ask(wanted, part, context, controller);
    let at = startOf(response, part);
    if (at === undefined) {
      await response.body?.cancel();
      response = await ask(wanted, 0, context, controller);
      at = startOf(response, 0) ?? 0;
    }
    await receive(response, { ...wanted, at }, context, controller);
  } finally {
    context.signal?.removeEventListener("abort", stop);
    controller.abort();
  }
}

async function receive(
  response: Response,
  wanted: Download & { at: number },
  context: SourceContext,
  controller: AbortController,
): Promise<void> {
  const host = new URL(wanted.url).host;
  const file = await open(wanted.to, wanted.at === 0 ? "w" : "r+");
  let at = wanted.at;
  try {
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Fault("peer.refused", `${host} answered without a body`);
    for (;;) {
      const chunk = await within(context, context.limits.stall, {
        controller,
        late: `${host} sent nothing for ${context.limits.stall / 1000} s`,
        run: () => reader.read(),
      });
      if (chunk.done) break;
      if (at + chunk.value.length > wanted.bytes)
        throw new Fault("peer.refused", `${host} sends more than the ${wanted.bytes} bytes expected`);
      await file.write(chunk.value, 0, chunk.value.length, at);
      at += chunk.value.length;
      context.onBytes(at);
    }
  } catch (error) {
    if (error instanceof Fault || context.signal?.aborted) throw error;
    throw new Fault("peer.unreachable", `${host} broke off after ${at} of ${wanted.bytes} bytes`, { cause: error });
  } finally {
    await file.close();
  }
  if (at < wanted.bytes) throw new Fault("peer.unreachable", `${host} broke off after ${at} of ${wanted.bytes} bytes`);
}
