import { chmod, mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import type { z } from "zod";
import { Fault } from "../contracts/fault.ts";
import { parseJson } from "./parse.ts";

/**
 * Messages between two processes of one machine: a JSON line each over a Unix socket, both directions parsed by a
 * schema. A message may carry raw bytes: its line then says `bytes: n` and n bytes follow the newline.
 */
export interface Channel<In> {
  /** False when the reader is so slow that the message was dropped (only messages with bytes are ever dropped). */
  send(message: object, bytes?: Uint8Array): boolean;
  onMessage(handler: (message: In, bytes: Buffer | undefined) => void): void;
  /** A line that did not parse; the connection stays. */
  onFault(handler: (fault: unknown) => void): void;
  /** Resolves when either side has closed. */
  readonly closed: Promise<void>;
  close(): void;
}

/** A line longer than this is no message of ours; 16 MiB hold a long interview's rubric many times over. */
const longestLine = 16 * 1024 * 1024;
/** Bytes that may wait for a slow reader before further pictures are dropped: about two pictures of 640×480. */
const patience = 2 * 640 * 480 * 3;

class Lines {
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted: { line: string; bytes: number } | undefined;

  /** Feeds what came and calls `take` for each whole message. */
  push(chunk: Buffer, take: (line: string, bytes: Buffer | undefined) => void): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#wanted !== undefined && this.#size < this.#wanted.bytes) return;
    if (this.#wanted === undefined && !chunk.includes(10)) {
      if (this.#size > longestLine) throw new Fault("message.tooLarge", `a line of more than ${longestLine} bytes`);
      return;
    }
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (;;) {
      if (this.#wanted !== undefined) {
        if (rest.length < this.#wanted.bytes) break;
        const { line, bytes } = this.#wanted;
        this.#wanted = undefined;
        take(line, rest.subarray(0, bytes));
        rest = rest.subarray(bytes);
        continue;
      }
      const end = rest.indexOf(10);
      if (end < 0) break;
      const line = rest.toString("utf8", 0, end);
      rest = rest.subarray(end + 1);
      if (line === "") continue;
      const bytes = announcedBytes(line);
      if (bytes > longestLine) throw new Fault("message.tooLarge", `a message announces ${bytes} bytes`);
      if (bytes > 0) this.#wanted = { line, bytes };
      else take(line, undefined);
    }
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
  }
}

/** Only a message that carries bytes begins with its count, so that other lines need not be parsed twice. */
function announcedBytes(line: string): number {
  return Number(/^\{"bytes":(\d+)[,}]/.exec(line)?.[1] ?? 0);
}

function over<T extends z.ZodType>(socket: Socket, incoming: T): Channel<z.output<T>> {
  let handle: ((message: z.output<T>, bytes: Buffer | undefined) => void) | undefined;
  let complain: ((fault: unknown) => void) | undefined;
  const waiting: [z.output<T>, Buffer | undefined][] = [];
  const lines = new Lines();
  socket.on("data", (chunk: Buffer) => {
    try {
      lines.push(chunk, (line, bytes) => {
        try {
          const message = parseJson(incoming, line, { what: "a message between processes" });
          if (handle === undefined) waiting.push([message, bytes]);
          else handle(message, bytes);
        } catch (error) {
          complain?.(error);
        }
      });
    } catch (error) {
      complain?.(error);
      socket.destroy();
    }
  });
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  // The reason for a broken connection is told by its end; whoever reconnects logs it.
  socket.on("error", () => socket.destroy());
  return {
    send: (message, bytes) => {
      if (socket.destroyed) return false;
      if (bytes === undefined) {
        socket.write(`${JSON.stringify(message)}\n`);
        return true;
      }
      if (socket.writableLength > patience) return false;
      socket.write(`${JSON.stringify({ bytes: bytes.length, ...message })}\n`);
      socket.write(bytes);
      return true;
    },
    onMessage: (handler) => {
      handle = handler;
      for (const [message, bytes] of waiting.splice(0)) handler(message, bytes);
    },
    onFault: (handler) => {
      complain = handler;
    },
    closed,
    close: () => socket.destroy(),
  };
}

export type ServedChannels = { close(): Promise<void> };

/** Listens at `path` (made with its folder, mode 0600; a socket left by a dead process is replaced). */
export async function serveChannel<T extends z.ZodType>(options: {
  path: string;
  incoming: T;
  onOpen: (channel: Channel<z.output<T>>) => void;
}): Promise<ServedChannels> {
  await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
  await rm(options.path, { force: true });
  const open = new Set<Channel<z.output<T>>>();
  const server = createServer((socket) => {
    const channel = over(socket, options.incoming);
    open.add(channel);
    void channel.closed.then(() => open.delete(channel));
    options.onOpen(channel);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.path, resolve);
  });
  await chmod(options.path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const channel of open) channel.close();
      }),
  };
}

/** @throws Fault peer.unreachable when nobody listens there */
export async function connectChannel<T extends z.ZodType>(options: {
  path: string;
  incoming: T;
}): Promise<Channel<z.output<T>>> {
  const socket = connect(options.path);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (error) =>
      reject(new Fault("peer.unreachable", `nobody listens at ${options.path}`, { cause: error })),
    );
  });
  return over(socket, options.incoming);
}
