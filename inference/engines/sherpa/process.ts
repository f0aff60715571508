import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { asFault, Fault } from "../../../contracts/fault.ts";
import type { Pcm } from "../../../contracts/ports.ts";
import { type Millis, seconds } from "../../../contracts/units.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { parse } from "../../../runtime/parse.ts";
import { spawnBound, stopProcess } from "../../../runtime/subprocess.ts";
import { type SherpaAnswer, type SherpaFamily, type SherpaHeard, sherpaAnswer } from "./protocol.ts";

export type SherpaModel = { name: string; family: SherpaFamily; model: string; tokens: string; threads: number };
export type SherpaLimits = {
  /** Reading a model of 240 MB from a slow card. */
  open: Millis;
  /** Of one decode; the engine takes a tenth of the sound's length, and a whole one on the weakest board. */
  decode: Millis;
};
export const sherpaLimits: SherpaLimits = { open: seconds(120), decode: seconds(90) };

const nothing: SherpaHeard = { text: "", lang: "", tokens: [], timestamps: [], ys_log_probs: [] };
const program = fileURLToPath(new URL("./child.js", import.meta.url));
const complaintLength = 600;

type Waiting = { resolve(heard: SherpaHeard): void; reject(fault: Fault): void };

/** One life of the child process. When it is gone, for whatever reason, what waits for it gets a fault. */
export class SherpaProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #limits: SherpaLimits;
  readonly #waiting = new Map<number, Waiting>();
  /** `open` waits under this number. */
  static readonly #opening = -1;
  #asked = 0;
  #complaint = "";
  /** Why it is of no use any more. */
  #gone: Fault | undefined;

  private constructor(model: SherpaModel, clock: Clock, limits: SherpaLimits) {
    this.#name = model.name;
    this.#clock = clock;
    this.#limits = limits;
    this.#child = spawnBound(process.execPath, [program], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "advanced",
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString("utf8")).slice(-complaintLength);
    });
    this.#child.on("message", (raw) => this.#take(raw));
    this.#child.once("error", (error) =>
      this.#lose(new Fault("process.missing", "the sherpa-onnx process could not be started", { cause: error })),
    );
    this.#child.once("exit", (code, signal) =>
      this.#lose(
        new Fault(
          "inference.lost",
          `the sherpa-onnx process of ${this.#name} ended with ${signal ?? code} and is started anew for what comes next`,
          { cause: this.#complaint.trim() },
        ),
      ),
    );
  }

  /** Starts the process and lets it open the model, whose hash the caller has checked. Throws process.missing, inference.lost, process.stuck. */
  static async open(model: SherpaModel, clock: Clock, limits: SherpaLimits = sherpaLimits): Promise<SherpaProcess> {
    const started = new SherpaProcess(model, clock, limits);
    const { family, tokens, threads } = model;
    const question = { ask: "open", family, model: model.model, tokens, threads } as const;
    try {
      await started.#within(SherpaProcess.#opening, question, limits.open);
    } catch (error) {
      await started.close();
      throw error;
    }
    return started;
  }

  get alive(): boolean {
    return this.#gone === undefined;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  hear(pcm: Pcm): Promise<SherpaHeard> {
    const number = this.#asked++;
    return this.#within(number, { ask: "hear", number, pcm }, this.#limits.decode);
  }

  async close(): Promise<void> {
    this.#lose(new Fault("inference.lost", `the sherpa-onnx process of ${this.#name} was closed`));
    await stopProcess(this.#child, this.#clock);
  }

  async #within(number: number, question: object, limit: Millis): Promise<SherpaHeard> {
    if (this.#gone !== undefined) throw this.#gone;
    const done = new AbortController();
    const answer = new Promise<SherpaHeard>((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    // A closed pipe shows as the process' exit; the error of one message adds nothing.
    this.#child.send(question, () => undefined);
    const timer = this.#clock.sleep(limit, done.signal).then(
      () => this.#giveUp(limit),
      () => undefined,
    );
    try {
      return await answer;
    } finally {
      done.abort();
      await timer;
    }
  }

  #giveUp(limit: Millis): void {
    this.#lose(
      new Fault("process.stuck", `the sherpa-onnx process of ${this.#name} gave no answer within ${limit / 1000} s`),
    );
    this.#child.kill("SIGKILL");
  }

  #take(raw: unknown): void {
    try {
      this.#answered(parse(sherpaAnswer, raw, { what: "an answer of sherpa-onnx" }));
    } catch (error) {
      this.#lose(asFault(error, "inference.lost"));
      this.#child.kill("SIGKILL");
    }
  }

  #answered(answer: SherpaAnswer): void {
    const number = answer.say === "ready" ? SherpaProcess.#opening : (answer.number ?? SherpaProcess.#opening);
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (answer.say === "fault") waiting?.reject(new Fault(answer.code, answer.message));
    else waiting?.resolve(answer.say === "heard" ? answer.heard : nothing);
  }

  #lose(fault: Fault): void {
    this.#gone ??= fault;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
    this.#waiting.clear();
  }
}
