import type { ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { inferenceReport } from "../../../contracts/inference.ts";
import { minutes } from "../../../contracts/units.ts";
import { connectChannel } from "../../../runtime/channel.ts";
import { systemClock as clock } from "../../../runtime/clock.ts";
import { projectRoot } from "../../../runtime/paths.ts";
import { spawnBound, stopProcess } from "../../../runtime/subprocess.ts";
import { eventually } from "../../device/waiting.ts";
import { carried } from "../contract.ts";

/** Inference on the host for the agent in the machine: what guest/recogniser.ts carries here goes into the real process. */
export class HostRecogniser {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #server: Server;

  private constructor(parts: { port: number; folder: string; child: ChildProcess; server: Server }) {
    this.port = parts.port;
    this.#folder = parts.folder;
    this.#child = parts.child;
    this.#server = parts.server;
  }

  /** @throws Error when inference does not come up in two minutes */
  static async open(): Promise<HostRecogniser> {
    const folder = await mkdtemp(join(tmpdir(), "candor-recogniser-"));
    const socket = join(folder, "inference.sock");
    const options = ["--socket", socket, "--recogniser", "whisper-base", "--live", "en", "--threads", "1"];
    const child = spawnBound(process.execPath, [join(projectRoot, "cli/candor.js"), "inference", ...options], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    await eventually({ what: "inference on the host", limit: minutes(2) }, async () => {
      const probe = await connectChannel({ path: socket, incoming: inferenceReport }).catch(() => undefined);
      probe?.close();
      return probe !== undefined;
    });
    const server = createServer((guest) => void serve(guest, { socket, folder }).catch(() => guest.destroy()));
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as { port: number };
    return new HostRecogniser({ port, folder, child, server });
  }

  async close(): Promise<void> {
    this.#server.close();
    await stopProcess(this.#child, clock);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** One agent's connection: sealed segments are laid into a folder of the host, all else goes through as it is. */
async function serve(guest: Socket, at: { socket: string; folder: string }): Promise<void> {
  const inference = await connectChannel({ path: at.socket, incoming: inferenceReport });
  const folder = await mkdtemp(join(at.folder, "session-"));
  inference.onMessage((report) => guest.write(`${JSON.stringify(report)}\n`));
  guest.on("error", () => guest.destroy());
  guest.once("close", () => inference.close());
  void inference.closed.then(() => guest.destroy());
  for await (const line of createInterface({ input: guest })) {
    const { request, sealed } = carried.parse(JSON.parse(line));
    if (request.do === "segment" && sealed !== undefined) {
      const file = join(folder, request.segment.file);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, Buffer.from(sealed, "base64"));
    }
    inference.send(request.do === "open" ? { ...request, folder } : request);
  }
}
