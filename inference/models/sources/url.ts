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

async function ask(
  download: Download,
  from: number,
  context: SourceContext,
  controller: AbortController,
): Promise<Response> {
  const host = new URL(download.url).host;
  if (context.deadHosts.has(host)) throw new Fault("peer.unreachable", `${host} did not answer before`);
  try {
    return await within(context, context.limits.answer, {
      controller,
      late: `${host} did not answer within ${context.limits.answer / 1000} s`,
      run: () =>
        fetch(download.url, { signal: controller.signal, headers: from > 0 ? { range: `bytes=${from}-` } : {} }),
    });
  } catch (error) {
    if (context.signal?.aborted) throw context.signal.reason;
    context.deadHosts.add(host);
    if (error instanceof Fault) throw error;
    throw new Fault("peer.unreachable", `${host} cannot be reached`, { cause: error });
  }
}

/** Where the answer's first byte belongs: behind the part, or at the start when the server does not resume. */
function startOf(response: Response, asked: number): number {
  if (response.status === 200) return 0;
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  if (response.status === 206 && Number(range?.[1]) === asked) return asked;
  throw new Fault("peer.refused", `${new URL(response.url).host} answered ${response.status}`);
}

/**
 * Downloads into `to`, going on behind what is already there. Redirects are followed. The content is not trusted: the
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
    const response = await ask(wanted, part, context, controller);
    await receive(response, { ...wanted, at: startOf(response, part) }, context, controller);
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
