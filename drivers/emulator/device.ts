import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";

/**
 * A device file of the emulated board as a Unix socket: it gives one reader all that happens from now on, and closes the
 * connection of a second one at once, as a busy device refuses to be opened.
 */
export class Device {
  readonly #path: string;
  readonly #backlogBytes: number;
  #server: Server | undefined;
  #reader: Socket | undefined;
  #stalled = false;
  #busy = false;

  /** `backlogBytes`: what may wait for a slow reader before more is lost, as in a sound card's ring. */
  constructor(path: string, backlogBytes: number) {
    this.#path = path;
    this.#backlogBytes = backlogBytes;
  }

  get holders(): number {
    return this.#reader === undefined ? 0 : 1;
  }

  /** Is there (again), and delivers. */
  async plug(): Promise<void> {
    this.#stalled = false;
    this.#busy = false;
    if (this.#server !== undefined) return;
    await rm(this.#path, { force: true });
    const server = createServer((socket) => this.#take(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#path, resolve);
    });
  }

  /** Is gone: the reader reads its end, nobody can open it. */
  async unplug(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = server === undefined ? undefined : new Promise((resolve) => server.close(resolve));
    this.#reader?.destroy();
    await closed;
  }

  /** Stays there and open, and delivers nothing. */
  stall(): void {
    this.#stalled = true;
  }

  /** Whoever reads goes on; nobody else can open it until `plug`. */
  occupy(): void {
    this.#busy = true;
  }

  /** Whole or not at all. */
  deliver(bytes: Uint8Array): void {
    const reader = this.#reader;
    if (reader === undefined || this.#stalled || reader.writableLength > this.#backlogBytes) return;
    reader.write(bytes);
  }

  #take(socket: Socket): void {
    // A reader may be killed while it is written to; that it closed is all there is to know.
    socket.on("error", () => socket.destroy());
    if (this.#reader !== undefined || this.#busy) {
      socket.destroy();
      return;
    }
    this.#reader = socket;
    socket.resume();
    socket.once("close", () => {
      if (this.#reader === socket) this.#reader = undefined;
    });
  }
}
