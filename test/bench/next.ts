import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Segment } from "../../contracts/capture.ts";
import { type InferenceReport, type InferenceRequest, inferenceReport } from "../../contracts/inference.ts";
import type { Language } from "../../contracts/language.ts";
import type { Pcm } from "../../contracts/ports.ts";
import { type AnswerFile, answerFile } from "../../contracts/rubric.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { type Channel, connectChannel } from "../../runtime/channel.ts";
import { systemClock } from "../../runtime/clock.ts";
import { writeDurably } from "../../runtime/durable.ts";
import { parseJson } from "../../runtime/parse.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { retry, retryPolicies } from "../../runtime/retry.ts";
import { newDataKey, sealBytes, toBase64url } from "../../runtime/seal.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";

/** One answer as an interview brings it: a clip, and the question of an interview file that it answers. */
export type Spoken = { clip: string; language: Language; pcm: Pcm; file: string; questionId: string };

const second = 16_000;
const sessionId = "bench";

const s16le = (pcm: Pcm): Uint8Array => {
  const samples = Int16Array.from(pcm, (sample) => Math.round(sample * 32_767));
  return new Uint8Array(samples.buffer);
};

/** The inference process as the agent has it, fed with sealed segments from a folder. */
export class Inference {
  readonly #folder: string;
  readonly #channel: Channel<InferenceReport>;
  readonly #stop: () => Promise<void>;
  readonly #key = newDataKey();
  #index = 0;
  #hear: (report: InferenceReport) => void = () => undefined;

  private constructor(folder: string, channel: Channel<InferenceReport>, stop: () => Promise<void>) {
    this.#folder = folder;
    this.#channel = channel;
    this.#stop = stop;
    channel.onMessage((report) => this.#hear(report));
  }

  static async start(): Promise<Inference> {
    const profile = ["--recogniser", "whisper-base", "--live", "zh-CN,en"];
    const folder = await mkdtemp(join(tmpdir(), "candor-bench-"));
    const path = join(folder, "inference.sock");
    const program = [join(projectRoot, "cli", "candor.js"), "inference", "--socket", path, ...profile, "--bound"];
    const child = spawnBound(process.execPath, program, { stdio: ["pipe", "ignore", "ignore"] });
    const channel = await retry(retryPolicies.connect, { clock: systemClock }, () =>
      connectChannel({ path, incoming: inferenceReport }),
    );
    return new Inference(folder, channel, async () => {
      channel.close();
      await stopProcess(child, systemClock);
      await rm(folder, { recursive: true });
    });
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  /** Begins anew: what an earlier round has embedded is forgotten with its session. */
  async open({ language, file }: Spoken): Promise<void> {
    this.#send({ do: "close", sessionId });
    const path = join(projectRoot, "test", "fixtures", "interview", `${file}.json`);
    const { rubric }: AnswerFile = parseJson(answerFile, await readFile(path), { what: path });
    const key = toBase64url(this.#key);
    const common = { folder: this.#folder, bannedSignals: [], plugins: [], sessionStart: 0 };
    this.#send({ do: "open", sessionId, key, language, rubric, ...common });
  }

  #send(request: InferenceRequest): void {
    this.#channel.send(request);
  }

  #report(wanted: (report: InferenceReport) => boolean): Promise<InferenceReport> {
    return new Promise((resolve) => {
      this.#hear = (report) => {
        if (wanted(report)) resolve(report);
      };
    });
  }

  async #segment(answerId: string, pcm: Pcm, offsetMillis: number): Promise<void> {
    const index = this.#index++;
    const file = `mic-${String(index).padStart(6, "0")}.sealed`;
    const sealed = sealBytes(this.#key, s16le(pcm), `${sessionId}/${file}`);
    await writeDurably(join(this.#folder, file), sealed);
    const segment: Segment = {
      stream: "mic",
      answerId,
      index,
      file,
      offsetMillis,
      durationMillis: (pcm.length / second) * 1000,
      initialisation: false,
      sha256: sha256(sealed),
    };
    this.#send({ do: "segment", segment });
  }

  /** Milliseconds from the press of *next* (the last second of sound is still to be sealed) to the score. */
  async pressToScore(answerId: string, { pcm, questionId }: Spoken): Promise<number> {
    this.#send({ do: "begin", answerId, questionId, fromMillis: 0 });
    const last = Math.floor((pcm.length - 1) / second) * second;
    for (let at = 0; at < last; at += second) await this.#segment(answerId, pcm.subarray(at, at + second), at / 16);
    // In an interview sound comes in real time, so that what was closed before is decoded by now: two meters without backlog.
    for (let quiet = 0; quiet < 2; ) {
      const report = await this.#report((one) => one.report === "meter");
      quiet = report.report === "meter" && report.backlogSeconds < 1 ? quiet + 1 : 0;
    }
    const began = performance.now();
    const analysed = this.#report((one) => one.report === "analysed" && one.answerId === answerId);
    await this.#segment(answerId, pcm.subarray(last), last / 16);
    this.#send({ do: "end", answerId, toMillis: pcm.length / 16 });
    await analysed;
    return performance.now() - began;
  }
}
