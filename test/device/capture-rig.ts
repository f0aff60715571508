import type { ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CaptureReport,
  type CaptureRequest,
  captureReport,
  type Segment,
  type Stream,
} from "../../contracts/capture.ts";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, minutes, seconds } from "../../contracts/units.ts";
import { connectEmulator, type Emulator } from "../../drivers/emulator/client.ts";
import { type Channel, connectChannel } from "../../runtime/channel.ts";
import { systemClock } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { newDataKey, openBytes, toBase64url } from "../../runtime/seal.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";

const clock = systemClock;

/** `look` again and again until it finds something. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  limit = seconds(15),
): Promise<T> {
  const end = clock.monotonic() + limit;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (clock.monotonic() > end) throw new Fault("process.stuck", `waited ${limit} ms in vain: ${what}`);
    await clock.sleep(20);
  }
}

/** What an agent sees of one capture process. */
export class Listener {
  readonly reports: CaptureReport[] = [];
  readonly channel: Channel<CaptureReport>;

  constructor(channel: Channel<CaptureReport>) {
    this.channel = channel;
    channel.onMessage((report) => this.reports.push(report));
  }

  send(request: CaptureRequest): void {
    this.channel.send(request);
  }

  all<R extends CaptureReport["report"]>(kind: R): Extract<CaptureReport, { report: R }>[] {
    return this.reports.filter((one): one is Extract<CaptureReport, { report: R }> => one.report === kind);
  }

  get segments(): Segment[] {
    return this.all("segment").map(({ segment }) => segment);
  }

  /** The first report of this kind that fits, now or later. */
  wait<R extends CaptureReport["report"]>(
    kind: R,
    fits: (report: Extract<CaptureReport, { report: R }>) => boolean = () => true,
    limit?: Millis,
  ): Promise<Extract<CaptureReport, { report: R }>> {
    return until(`report ${kind}`, () => this.all(kind).find(fits), limit);
  }
}

/** Capture processes, each a real process, on the emulated board or on another one, in a folder that is removed afterwards. */
export class Rig {
  readonly key = newDataKey();
  readonly sessionId = "session-1";
  readonly sessionStart = clock.monotonic();
  readonly folder: string;
  readonly #children = new Map<string, ChildProcess>();
  readonly #mounted: string | undefined;
  #board: Emulator | undefined;

  private constructor(folder: string, mounted?: string) {
    this.folder = folder;
    this.#mounted = mounted;
  }

  /** On hardware that is there already: the board of this name. */
  static async openOn(board: string): Promise<Rig> {
    return new Rig(await mkdtemp(join(tmpdir(), "candor-capture-")), board);
  }

  static async open(): Promise<Rig> {
    const rig = new Rig(await mkdtemp(join(tmpdir(), "candor-capture-")));
    rig.spawn("emulator", ["emulator", "--socket", rig.boardFolder, "--bound"]);
    rig.#board = await connectEmulator(rig.boardFolder);
    return rig;
  }

  get boardFolder(): string {
    return join(this.folder, "board");
  }
  get media(): string {
    return join(this.folder, "media");
  }
  get pictures(): string {
    return join(this.folder, "pictures.sock");
  }
  get board(): Emulator {
    if (this.#board === undefined) throw new Fault("internal", "the rig is not open");
    return this.#board;
  }

  spawn(name: string, args: readonly string[]): void {
    const child = spawnBound(process.execPath, [join(projectRoot, "cli/candor.js"), ...args], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    this.#children.set(name, child);
  }

  /** Starts the stream's capture process (unless it runs) and connects to it as the agent does. */
  async capture(stream: Stream): Promise<Listener> {
    const socket = `${stream}.sock`;
    if (!this.#children.has(stream)) {
      const emulated = ["--board", "emulated", "--board-options", JSON.stringify({ folder: this.boardFolder })];
      const options = this.#mounted === undefined ? emulated : ["--board", this.#mounted];
      const pictures = stream === "camera" ? ["--pictures", this.pictures] : [];
      this.spawn(stream, [
        "capture",
        stream,
        "--socket",
        join(this.folder, socket),
        ...options,
        ...pictures,
        "--bound",
      ]);
    }
    return this.listener(socket);
  }

  async listener(socket: string): Promise<Listener> {
    const path = join(this.folder, socket);
    // Under emulation a process takes longer to come up than the policy's few seconds.
    const channel = await until(
      "the capture process to serve",
      () => connectChannel({ path, incoming: captureReport }).catch(() => undefined),
      minutes(1),
    );
    return new Listener(channel);
  }

  async watching(stream: Stream, limit?: Millis): Promise<Listener> {
    const listener = await this.capture(stream);
    listener.send({ do: "watch" });
    await listener.wait("state", ({ state }) => state === "open", limit);
    return listener;
  }

  record(answerId: string, nextIndex = 0): CaptureRequest {
    const { sessionId, sessionStart, media } = this;
    return { do: "record", sessionId, answerId, folder: media, key: toBase64url(this.key), sessionStart, nextIndex };
  }

  /** What was sealed, opened. */
  async unsealed(segments: readonly Segment[]): Promise<Buffer> {
    const open = async ({ file }: Segment): Promise<Buffer> =>
      openBytes(this.key, await readFile(join(this.media, file)), `${this.sessionId}/${file}`);
    return Buffer.concat(await Promise.all(segments.map(open)));
  }

  /** kill -9 */
  kill(name: string): void {
    this.#children.get(name)?.kill("SIGKILL");
    this.#children.delete(name);
  }

  /** Asks the process to end, and waits until it has. */
  async end(name: string): Promise<void> {
    const child = this.#children.get(name);
    this.#children.delete(name);
    if (child !== undefined) await stopProcess(child, clock);
  }

  async stop(): Promise<void> {
    this.#board?.close();
    for (const child of this.#children.values()) await stopProcess(child, clock);
    await rm(this.folder, { recursive: true, force: true });
  }
}
