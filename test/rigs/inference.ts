import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Segment } from "../../contracts/capture.ts";
import { type InferenceReport, type InferenceRequest, inferenceReport } from "../../contracts/inference.ts";
import { sampleRate } from "../../contracts/ports.ts";
import type { Rubric } from "../../contracts/rubric.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { defaultModelsDirectory, openModelStore } from "../../inference/models/store.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { connectChannel } from "../../runtime/channel.ts";
import { deadline, systemClock } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { newDataKey, sealBytes, toBase64url } from "../../runtime/seal.ts";
import { run } from "../../runtime/subprocess.ts";

/** What tests of the inference process share: sealed sound, a camera's socket, and an agent at the other end. */
const fixture = (...path: string[]): string => join(projectRoot, "test", "fixtures", ...path);

export const rubric: Rubric = {
  id: "calm",
  version: 1,
  competencies: [{ id: "service", weight: 100, name: { en: "Service" } }],
  questions: [
    {
      id: "q1",
      kind: "spoken",
      text: { en: "How do you handle a customer who complains angrily? Please give an example." },
      competencies: ["service"],
      concepts: { en: [["listen", "listened", "repeated"], ["apologised", "sorry"], ["called back"]] },
      reference: { en: ["I listened, said sorry and solved it within a day, and called the customer back."] },
    },
  ],
};

/** A clip of test/fixtures/speech as s16le at 16 kHz. */
export const clip = (name: string): Promise<Buffer> =>
  run("ffmpeg", [
    ...["-v", "error", "-i", fixture("speech", name)],
    ...["-ac", "1", "-ar", String(sampleRate), "-f", "s16le", "pipe:1"],
  ]);

export type Picture = { width: number; height: number; rgb: Buffer };

/** The face of test/fixtures/face as raw RGB, through a filter of ffmpeg. */
export async function face(filter: string, { width, height }: { width: number; height: number }): Promise<Picture> {
  const rgb = await run("ffmpeg", [
    ...["-v", "error", "-i", fixture("face", "astronaut.jpg"), "-filter_complex", `${filter},scale=${width}:${height}`],
    ...["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"],
  ]);
  return { width, height, rgb };
}

/** The face twice, side by side. */
export const twoFaces = (size: { width: number; height: number }): Promise<Picture> =>
  face("crop=320:480:160:0,split[a][b];[a][b]hstack", size);

/** A folder of models: those fetched already and, from the installed packages, `more`. */
export async function modelsWith(more: readonly string[]): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "candor-models-"));
  for (const id of ["e5-small", "face", "silero-vad", "whisper-base"])
    await symlink(join(defaultModelsDirectory(), id), join(directory, id));
  await (await openModelStore({ directory })).fetch(more);
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Hands out what `show` gives, five pictures a second. */
export async function camera(path: string, show: () => Picture): Promise<{ close(): void }> {
  const server = createServer((reader) => {
    const stop = systemClock.every(200, () => {
      const { rgb, width, height } = show();
      reader.write(`${JSON.stringify({ bytes: rgb.length, width, height, atMonotonic: systemClock.monotonic() })}\n`);
      reader.write(rgb);
    });
    reader.on("error", () => reader.destroy());
    reader.once("close", stop);
  }).listen(path);
  await once(server, "listening");
  return { close: () => server.close() };
}

/** One session's folder, key and segments. */
export class Recorded {
  readonly folder: string;
  readonly sessionId: string;
  readonly #key = newDataKey();

  constructor(folder: string, sessionId: string) {
    this.folder = folder;
    this.sessionId = sessionId;
  }

  open(change: Partial<Extract<InferenceRequest, { do: "open" }>> = {}): InferenceRequest {
    const { sessionId, folder } = this;
    const key = toBase64url(this.#key);
    const about = { sessionId, folder, key, language: "en" as const, rubric, sessionStart: 0 };
    return { do: "open", bannedSignals: [], plugins: [], ...about, ...change };
  }

  /** Seals sound as capture does, a second a segment. */
  async seal(pcm: Buffer, { answerId, offset = 0 }: { answerId: string; offset?: Millis }): Promise<Segment[]> {
    const segments: Segment[] = [];
    const second = sampleRate * 2;
    for (let at = 0; at * second < pcm.length; at++) {
      const piece = pcm.subarray(at * second, (at + 1) * second);
      const file = `mic-${String(at).padStart(6, "0")}.sealed`;
      const sealed = sealBytes(this.#key, piece, `${this.sessionId}/${file}`);
      await writeFile(join(this.folder, file), sealed);
      const about = {
        stream: "mic" as const,
        answerId,
        index: at,
        file,
        initialisation: false,
        sha256: sha256(sealed),
      };
      segments.push({ ...about, offsetMillis: offset + at * 1000, durationMillis: (piece.length / second) * 1000 });
    }
    return segments;
  }
}

type Of<K extends InferenceReport["report"]> = Extract<InferenceReport, { report: K }>;
export type Peer = {
  ask(...requests: InferenceRequest[]): void;
  /** The next report of a kind; those read once are gone. */
  next<K extends InferenceReport["report"]>(kind: K): Promise<Of<K>>;
  readonly closed: Promise<void>;
  close(): void;
};

/** The agent's end of the socket. */
export async function connectAgent(socket: string, patience: Millis = seconds(60)): Promise<Peer> {
  const channel = await connectChannel({ path: socket, incoming: inferenceReport });
  const came: InferenceReport[] = [];
  const waiting = new Set<() => void>();
  channel.onMessage((report) => {
    if (report.report === "meter") return;
    came.push(report);
    for (const look of [...waiting]) look();
  });
  const next = <K extends InferenceReport["report"]>(kind: K): Promise<Of<K>> =>
    deadline(
      patience,
      () =>
        new Error(
          `no ${kind} came; these did: ${came.map((one) => (one.report === "fault" ? one.message : one.report)).join("; ")}`,
        ),
      () =>
        new Promise((resolve) => {
          const look = (): void => {
            const at = came.findIndex((one) => one.report === kind);
            if (at < 0) return;
            waiting.delete(look);
            resolve(came.splice(at, 1)[0] as Of<K>);
          };
          waiting.add(look);
          look();
        }),
    );
  return {
    ask: (...requests) => {
      for (const request of requests) channel.send(request);
    },
    next,
    closed: channel.closed,
    close: () => channel.close(),
  };
}
