import { join } from "node:path";
import type { z } from "zod";
import { type CaptureReport, type CaptureRequest, captureReport, type Stream } from "../contracts/capture.ts";
import { type InferenceReport, type InferenceRequest, inferenceReport } from "../contracts/inference.ts";
import { type JudgeReport, type JudgeRequest, judgeReport } from "../contracts/judge.ts";
import type { Language } from "../contracts/language.ts";
import { type Millis, seconds } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import { writeDurably } from "../runtime/durable.ts";
import type { Log } from "../runtime/log.ts";
import type { Part } from "../runtime/parts.ts";
import { projectRoot } from "../runtime/paths.ts";
import type { AgentConfig } from "./config.ts";
import type { Health } from "./health.ts";
import { Peer } from "./peer.ts";
import { Child } from "./supervisor.ts";

type PartName = Stream | "inference" | "judge";

/** Who hears of the four processes. */
export type Listener = {
  captured: (report: CaptureReport) => void;
  kept: (stream: Stream, report: Extract<CaptureReport, { report: "recording" | "stopped" }>) => void;
  inferred: (report: InferenceReport) => void;
  recorderUp: (stream: Stream) => void;
  recorderDown: (stream: Stream) => void;
  inferenceUp: () => void;
  inferenceDown: () => void;
  judged: (report: JudgeReport) => void;
  judgeUp: () => void;
};

/** What the board's profile says of inference. */
export type EngineChoice = { recogniser: string; live: readonly Language[] };

export type ProcessesOptions = {
  config: AgentConfig;
  profile: EngineChoice;
  clock: Clock;
  log: Log;
  health: Health;
  listener: () => Listener;
};

/** How long a process may say nothing: recorders that are open meter 5 times a second, inference and judge once a second. */
const silence: Record<PartName, Millis> = {
  mic: seconds(10),
  camera: seconds(10),
  inference: seconds(60),
  judge: seconds(60),
};
/** How long a started process may take until its socket answers. */
const startLimit = seconds(30);

/** Capture, inference and judge: four processes, four sockets, and where the agent starts them itself, four children. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #recorders: Record<Stream, Peer<typeof captureReport>>;
  readonly #inference: Peer<typeof inferenceReport>;
  readonly #judge: Peer<typeof judgeReport>;
  readonly #pids: Partial<Record<PartName, number>> = {};
  /** Since when each process has had no socket that answers. */
  readonly #awaySince: Partial<Record<PartName, Millis>> = {};
  #writing: Promise<void> = Promise.resolve();
  /** Recorders that were told to watch or record and have not said that they cannot: they owe meters. */
  readonly #owing = new Set<Stream>();

  constructor(options: ProcessesOptions) {
    this.#options = options;
    this.#recorders = { mic: this.#recorder("mic"), camera: this.#recorder("camera") };
    const { listener } = options;
    this.#inference = this.#worker("inference", inferenceReport, {
      report: (report) => listener().inferred(report),
      up: () => listener().inferenceUp(),
      down: () => listener().inferenceDown(),
    });
    this.#judge = this.#worker("judge", judgeReport, {
      report: (report) => listener().judged(report),
      up: () => listener().judgeUp(),
    });
  }

  get picturesPath(): string {
    return this.#socket("pictures");
  }

  /** In the order they start: peers wait for their process, so the order is of no weight. */
  parts(): Part[] {
    const peers: Part[] = [this.#recorders.camera, this.#recorders.mic, this.#inference, this.#judge];
    if (this.#options.config.externalParts) return peers;
    return [...(["camera", "mic", "inference", "judge"] as const).map((name) => this.#child(name)), ...peers];
  }

  capture(stream: Stream, request: CaptureRequest): void {
    if (request.do === "rest") this.#owing.delete(stream);
    else if (request.do !== "stop" && !this.#owing.has(stream)) {
      // From now on it owes work: one that hangs before its hardware delivers is seen as well.
      this.#owing.add(stream);
      this.#options.health.stamp(stream);
    }
    this.#recorders[stream].send(request);
  }

  infer(request: InferenceRequest): void {
    this.#inference.send(request);
  }

  judge(request: JudgeRequest): void {
    this.#judge.send(request);
  }

  #socket(name: string): string {
    return join(this.#options.config.runDirectory, `${name}.sock`);
  }

  #recorder(stream: Stream): Peer<typeof captureReport> {
    const { clock, log, health, listener } = this.#options;
    return new Peer({
      name: stream,
      path: this.#socket(stream),
      reports: captureReport,
      clock,
      log,
      onReport: (report) => {
        health.stamp(stream);
        if (report.report === "state") this.#stateOf(stream, report);
        if (report.report === "recording" || report.report === "stopped") listener().kept(stream, report);
        else listener().captured(report);
      },
      onUp: () => {
        health.say(stream, "working");
        listener().recorderUp(stream);
      },
      onDown: () => {
        this.#owing.delete(stream);
        this.#awaySince[stream] = clock.monotonic();
        health.say(stream, "gone", "process.exited");
        listener().recorderDown(stream);
      },
      onFault: (error) => health.count(error, stream),
    });
  }

  #stateOf(stream: Stream, { state, fault }: Extract<CaptureReport, { report: "state" }>): void {
    if (state === "open") this.#owing.add(stream);
    else this.#owing.delete(stream);
    this.#options.health.say(stream, state === "open" ? "working" : state, fault);
  }

  /** A process that takes requests and reports work done: it owes work for as long as it is there. */
  #worker<Reports extends z.ZodType>(
    name: "inference" | "judge",
    reports: Reports,
    tell: { report: (report: z.output<Reports>) => void; up: () => void; down?: () => void },
  ): Peer<Reports> {
    const { clock, log, health } = this.#options;
    return new Peer({
      name,
      path: this.#socket(name),
      reports,
      clock,
      log,
      onReport: (report) => {
        health.stamp(name);
        tell.report(report);
      },
      onUp: () => {
        health.say(name, "working");
        tell.up();
      },
      onDown: () => {
        this.#awaySince[name] = clock.monotonic();
        health.say(name, "gone", "process.exited");
        tell.down?.();
      },
      onFault: (error) => health.count(error, name),
    });
  }

  #peer(name: PartName): { readonly up: boolean } {
    if (name === "judge") return this.#judge;
    return name === "inference" ? this.#inference : this.#recorders[name];
  }

  /** Alive and silent: by its stamps where it owes work, by its socket where it has not come up. */
  #stuck(name: PartName): boolean {
    const { clock, health } = this.#options;
    if (!this.#peer(name).up) return clock.monotonic() - (this.#awaySince[name] ?? clock.monotonic()) > startLimit;
    if ((name === "mic" || name === "camera") && !this.#owing.has(name)) return false;
    return (health.sinceWork(name) ?? 0) > silence[name];
  }

  #child(name: PartName): Child {
    const { config, profile, clock, log, health } = this.#options;
    return new Child({
      name,
      args: [
        join(projectRoot, "cli", "candor.js"),
        ...argumentsOf(name, { config, profile }, (socket) => this.#socket(socket)),
      ],
      // A recorder seals the last sound of an answer that was complete when this process was killed.
      deathSignal: name === "inference" || name === "judge" ? "KILL" : "TERM",
      clock,
      log,
      stuck: () => this.#stuck(name),
      onStart: (pid) => {
        this.#awaySince[name] = clock.monotonic();
        health.say(name, "starting");
        this.#note(name, pid);
      },
      onFault: (error) => health.count(error, name),
    });
  }

  /** Who runs as which process, for whoever looks after the device; one write at a time. */
  #note(name: PartName, pid: number): void {
    const { config, health } = this.#options;
    this.#pids[name] = pid;
    this.#writing = this.#writing
      .then(() => writeDurably(join(config.runDirectory, "parts.json"), JSON.stringify(this.#pids)))
      .catch((error) => health.count(error, name));
  }
}

function argumentsOf(
  name: PartName,
  { config, profile }: Pick<ProcessesOptions, "config" | "profile">,
  socket: (name: string) => string,
): string[] {
  if (name === "judge") return ["judge", "--socket", socket("judge"), "--bound"];
  if (name === "inference") {
    const models = config.modelsDirectory === null ? [] : ["--models", config.modelsDirectory];
    return [
      "inference",
      "--socket",
      socket("inference"),
      ...models,
      "--threads",
      String(config.inferenceThreads),
      "--recogniser",
      profile.recogniser,
      "--live",
      profile.live.join(","),
      "--bound",
    ];
  }
  const pictures = name === "camera" ? ["--pictures", socket("pictures")] : [];
  const board = ["--board", config.board, "--board-options", config.boardOptions];
  return ["capture", name, "--socket", socket(name), ...pictures, ...board, "--bound"];
}
