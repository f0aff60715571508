import { asFault, type Fault } from "../../contracts/fault.ts";
import { type JudgeReport, type JudgeRequest, judgeRequest } from "../../contracts/judge.ts";
import { seconds } from "../../contracts/units.ts";
import { type Channel, serveChannel } from "../../runtime/channel.ts";
import { type Clock, systemClock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { endOfProcess } from "../../runtime/parts.ts";
import { judge, type Probed, probeEngines } from "./judge.ts";

export type JudgeOptions = {
  /** Path of the Unix socket it serves `contracts/judge.ts` at. */
  socket: string;
  log: Log;
  clock?: Clock;
};

type Job = Extract<JudgeRequest, { do: "judge" }>;

/** The judge process: one asker at a time, the newest wins; a connection that ends takes its jobs with it. */
class JudgeServer {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #ending = new AbortController();
  readonly #probed: Promise<Probed>;
  readonly #jobs = new Map<string, AbortController>();
  #channel: Channel<JudgeRequest> | undefined;
  /** One program runs at a time: another would share its processor and lengthen its time. */
  #tail: Promise<void> = Promise.resolve();

  constructor({ log, clock = systemClock }: JudgeOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#probed = probeEngines({ clock, signal: this.#ending.signal });
  }

  accept(channel: Channel<JudgeRequest>): void {
    const older = this.#channel;
    this.#forgetAll();
    this.#channel = channel;
    older?.close();
    channel.onFault((error) => this.#refuse(asFault(error, "message.malformed"), { part: "request" }));
    channel.onMessage((request) => {
      if (this.#channel !== channel) return;
      if (request.do === "judge") this.#take(request);
      else this.#forget(request.jobId);
    });
    void channel.closed.then(() => {
      if (this.#channel !== channel) return;
      this.#channel = undefined;
      this.#forgetAll();
    });
    void this.#probed.then((probed) => {
      if (this.#channel === channel) this.#introduce(probed);
    });
  }

  meter(): void {
    this.#send({ report: "meter", waiting: this.#jobs.size });
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#forgetAll();
    await this.#probed;
    await this.#tail;
  }

  #send(report: JudgeReport): void {
    this.#channel?.send(report);
  }

  #introduce({ engines, faults }: Probed): void {
    for (const [part, fault] of Object.entries(faults)) this.#refuse(fault, { part });
    this.#send({ report: "ready", engines });
  }

  #refuse(fault: Fault, about: { part: string; jobId?: string }): void {
    this.#log.warn({ err: fault, ...about }, "the judge goes on without an engine, or refused a request");
    this.#send({ report: "fault", fault: fault.code, message: fault.message, ...about });
  }

  #forget(jobId: string): void {
    this.#jobs.get(jobId)?.abort();
    this.#jobs.delete(jobId);
  }

  #forgetAll(): void {
    for (const job of this.#jobs.values()) job.abort();
    this.#jobs.clear();
  }

  #take(job: Job): void {
    if (this.#jobs.has(job.jobId)) return;
    const giveUp = new AbortController();
    this.#jobs.set(job.jobId, giveUp);
    this.#tail = this.#tail.then(() => this.#judge(job, giveUp.signal));
  }

  async #judge(job: Job, signal: AbortSignal): Promise<void> {
    const { jobId, language } = job;
    try {
      signal.throwIfAborted();
      const { engines, faults } = await this.#probed;
      const fault = faults[language];
      if (fault !== undefined) throw fault;
      const judgement = await judge(job, engines[language] ?? "", { clock: this.#clock, signal });
      this.#send({ report: "judged", jobId, judgement });
    } catch (error) {
      if (!signal.aborted) this.#refuse(asFault(error, "judge.broken"), { part: language, jobId });
    } finally {
      if (this.#jobs.get(jobId)?.signal === signal) this.#jobs.delete(jobId);
    }
  }
}

/** Serves the judge at a socket until closed. */
export async function startJudge(options: JudgeOptions): Promise<{ close(): Promise<void> }> {
  const server = new JudgeServer(options);
  const served = await serveChannel({
    path: options.socket,
    incoming: judgeRequest,
    onOpen: (channel) => server.accept(channel),
  });
  const stopMeter = (options.clock ?? systemClock).every(seconds(1), () => server.meter());
  return {
    close: async () => {
      stopMeter();
      await served.close();
      await server.close();
    },
  };
}

/** The process's entry: serves until told to end or, when `bound`, until its standard input ends. */
export async function main(options: JudgeOptions & { bound?: boolean }): Promise<void> {
  const running = await startJudge(options);
  options.log.info("the judge serves");
  const reason = await endOfProcess({ bound: options.bound ?? false });
  options.log.info({ reason }, "the judge ends");
  await running.close();
}
