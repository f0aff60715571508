import { closeSync, constants, openSync, readSync } from "node:fs";
import { errnoError, errnoOf } from "../errno.ts";
import { eventBytes, type InputEvent, parseEvents, wordBytes } from "./events.ts";

const eventsAtOnce = 64;

export type Reader = { close(): void };
export type ReaderOptions = { onEvents: (events: InputEvent[]) => void; onEnd: (cause: unknown) => void };

/**
 * Reads an input device until it is closed or goes (ENODEV, or the end of the file). It waits by epoll: a blocking read
 * would take one of the four threads of Node's pool for each button.
 */
export async function readEvents(path: string, { onEvents, onEnd }: ReaderOptions): Promise<Reader> {
  // Only who has such a device pays for loading it.
  const { default: epoll } = await import("epoll");
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const bytes = Buffer.alloc(eventBytes(wordBytes) * eventsAtOnce);
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    poller.remove(file).close();
    closeSync(file);
  };
  const end = (cause: unknown): void => {
    close();
    onEnd(cause);
  };
  const take = (): void => {
    let length: number;
    try {
      length = readSync(file, bytes);
    } catch (error) {
      if (!["EAGAIN", "EINTR"].includes(errnoOf(error))) end(error);
      return;
    }
    if (length === 0) end(errnoError("ENODEV"));
    else onEvents(parseEvents(bytes.subarray(0, length)));
  };
  const poller = new epoll.Epoll(() => {
    if (open) take();
  });
  poller.add(file, epoll.Epoll.EPOLLIN);
  return { close };
}
