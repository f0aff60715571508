import type { CaptureReport, Stream } from "../contracts/capture.ts";
import { asFault, Fault, type FaultCode } from "../contracts/fault.ts";
import type { InferenceReport } from "../contracts/inference.ts";
import type { JudgeReport } from "../contracts/judge.ts";
import type { Language } from "../contracts/language.ts";
import type { ButtonName, ScreenRequest, ServiceFacts } from "../contracts/screen.ts";
import { type Clock, timestamp } from "../runtime/clock.ts";
import { admit, type NonceLedger } from "./checkIn.ts";
import type { Surroundings } from "./effects/context.ts";
import { Interview, type InterviewOptions } from "./interview.ts";
import { Lobby, type PassingPage } from "./lobby.ts";
import { feedbackOf, type Wording } from "./session/feedback.ts";
import { beginCheck, checkOf, heard, type Live, nothingLive, silenced } from "./session/live.ts";
import { pressed } from "./session/press.ts";
import { type Session, stepOf } from "./session/state.ts";
import { type Scene, viewOf } from "./session/view.ts";

export type ReceptionOptions = {
  surroundings: Surroundings;
  nonces: NonceLedger;
  clock: Clock;
  bootId: string;
  software: string;
  language: Language;
  wording: Wording;
  /** @throws Fault board.hot where the device may not begin a new interview now */
  mayBegin: () => void;
  service: () => ServiceFacts;
  onScene: (scene: Scene) => void;
  onFault: (error: unknown, where: string) => void;
};

/** Receives candidates: reads codes while nobody is interviewed, opens and resumes sessions, and brings presses and reports to the running one. */
export class Reception {
  readonly #options: ReceptionOptions;
  #language: Language;
  readonly #lobby: Lobby;
  #live: Live = nothingLive;
  #current: Interview | undefined;
  #admitting = false;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    this.#language = options.language;
    this.#lobby = new Lobby(options.clock);
  }

  get current(): Interview | undefined {
    return this.#current;
  }

  /** Takes up the session that was running when the agent ended, and lets go of those that are done. */
  async start(): Promise<void> {
    const { store } = this.#options.surroundings;
    for (const sessionId of await store.list()) {
      try {
        await this.#takeUp(sessionId);
      } catch (error) {
        // A session that cannot be read stays on the disk as it is, for a person to look at.
        this.#options.onFault(error, "sessions");
        if (asFault(error).code === "key.missing") await store.erase(sessionId);
      }
    }
    if (this.#current === undefined) this.#wait();
    this.#show();
  }

  async stop(): Promise<void> {
    this.#lobby.leave();
    await this.#current?.leave();
  }

  /** Whether a candidate is being interviewed: then nothing may be updated or restarted. */
  get busy(): boolean {
    return this.#current !== undefined || this.#admitting;
  }

  ask(request: ScreenRequest): void {
    if (request.do === "press") this.press(request.button);
    if (request.do === "write") {
      const { questionId, language, source } = request;
      void this.#current?.write({ questionId, code: { language, source } });
    }
    if (request.do === "language") this.#speak(request.language);
    if (request.do === "withdraw")
      void this.#current?.submit((session) => (session.ended === undefined ? { type: "withdrawn" } : undefined));
  }

  #speak(language: Language): void {
    this.#language = language;
    if (this.#current === undefined) this.#show();
    else
      void this.#current.submit((session) =>
        session.language === language ? undefined : { type: "languageChosen", language },
      );
  }

  /** Shows how the device is, while nobody is interviewed. */
  serve(): void {
    if (!this.busy) this.#pass({ show: "service" });
  }

  press(button: ButtonName): void {
    const { clock } = this.#options;
    if (this.#current === undefined) {
      if (this.#lobby.passes && button === "start") this.#wait();
      return;
    }
    // A press is meant for what was on the page: while the disk is slow it must not answer the next question or consent.
    const interview = this.#current;
    const meant = stepOf(interview.session);
    void interview.submit((session) => {
      if (stepOf(session) !== meant) return undefined;
      const check = checkOf(this.#live, clock.monotonic());
      return pressed(session, button, { time: timestamp(clock.wall()), check, draft: interview.draft });
    });
  }

  /** A recorder's report. */
  captured(report: CaptureReport): void {
    this.#live = heard(this.#live, report);
    switch (report.report) {
      case "code":
        void this.#admit(report.text);
        return;
      case "recording":
      case "stopped":
        return;
      case "segment":
      case "gap":
        this.#current?.recorded(report);
        return;
      case "state":
        if (report.state === "degraded" && report.fault !== undefined)
          this.#options.onFault(asReported(report.fault), report.stream);
        this.#show();
        return;
      case "meter":
        if (report.stream === "mic") this.#show();
    }
  }

  /** `recording` and `stopped` name no stream: whose they are is known by the socket they came from. */
  kept(stream: Stream, report: Extract<CaptureReport, { report: "recording" | "stopped" }>): void {
    const keeping = report.report === "recording" ? report.answerId : undefined;
    this.#live = { ...this.#live, keeping: { ...this.#live.keeping, [stream]: keeping } };
    if (report.report === "stopped") this.#current?.stopped(stream, report);
    this.#show();
  }

  inferred(report: InferenceReport): void {
    if (report.report === "framing") {
      this.#live = { ...this.#live, framing: report.framing };
      this.#show();
    }
    if (report.report === "fault") this.#options.onFault(asReported(report.fault), report.part);
    if (report.report !== "meter" && report.report !== "partial") this.#current?.inferred(report);
  }

  recorderUp(stream: Stream): void {
    if (this.#current !== undefined) void this.#current.recorderUp(stream);
    else this.#restOrWatch();
  }

  recorderDown(stream: Stream): void {
    this.#live = silenced(this.#live, stream);
    this.#show();
  }

  inferenceUp(): void {
    void this.#current?.inferenceUp();
  }

  judged(report: JudgeReport): void {
    if (report.report === "fault") this.#options.onFault(asReported(report.fault), report.part);
    this.#current?.judged(report);
  }

  judgeUp(): void {
    void this.#current?.judgeUp();
  }

  inferenceDown(): void {
    this.#live = { ...this.#live, framing: undefined };
  }

  async #takeUp(sessionId: string): Promise<void> {
    const { store, outbox, time } = this.#options.surroundings;
    const folder = await store.open(sessionId);
    if (folder === undefined) {
      if (store.isAccepted(sessionId)) await store.release(sessionId, time.atLeast());
      return;
    }
    if (this.#current !== undefined)
      throw new Fault("journal.broken", "two sessions are open at once: the later one is left as it is");
    const interview = await Interview.resume(this.#interviewOptions(folder));
    if (interview === undefined) return store.erase(sessionId);
    await this.#options.nonces.note(interview.session.nonce);
    if (interview.over) return;
    this.#current = interview;
    this.#live = beginCheck(this.#live, this.#options.clock.monotonic());
    // The scorecard may have been accepted at the very moment of the crash.
    if (store.isAccepted(sessionId)) await outbox.supersedeSession(sessionId);
  }

  #interviewOptions(folder: InterviewOptions["folder"]): InterviewOptions {
    const { surroundings, clock, bootId, onFault } = this.#options;
    let stage: Session["stage"] | undefined;
    return {
      surroundings,
      folder,
      clock,
      bootId,
      onChange: () => {
        const now = this.#current?.session.stage;
        if (now === "check" && stage !== "check") this.#live = beginCheck(this.#live, clock.monotonic());
        stage = now;
        this.#show();
      },
      onClosed: async (session) => {
        this.#current = undefined;
        const { store, time } = surroundings;
        if (store.isAccepted(session.sessionId)) await store.release(session.sessionId, time.atLeast());
        this.#wait();
      },
      onFault: (error) => onFault(error, "session"),
    };
  }

  async #admit(text: string): Promise<void> {
    const { page } = this.#lobby;
    const refusing = page.show === "codeRefused" && page.text === text;
    if (this.#current !== undefined || this.#admitting || refusing) return;
    const { surroundings, nonces, clock, bootId, software, onFault } = this.#options;
    const { identity, orders, time, store } = surroundings;
    this.#admitting = true;
    try {
      this.#options.mayBegin();
      await time.look();
      const { order, nonce } = await admit(text, { identity, orders, nonces, time });
      const folder = await store.create(clock.id(), {
        recipients: order.recipients,
        recordingDays: order.policy.retention.recordingDays,
      });
      const { sessionId } = folder;
      const boot = { bootId, origin: clock.monotonic() };
      this.#current = await Interview.begin(this.#interviewOptions(folder), {
        ...boot,
        type: "opened",
        version: 1,
        sessionId,
        orderId: order.orderId,
        nonce,
        clockQuality: time.quality(),
        software,
        order,
      });
      this.#lobby.leave();
      // The session runs: that its code cannot be noted must not end it, and the order's state refuses the code as well.
      await nonces.note(nonce).catch((error: unknown) => onFault(error, "check-in"));
      this.#language = order.language;
      this.#show();
    } catch (error) {
      onFault(error, "check-in");
      this.#pass({ show: "codeRefused", fault: asFault(error).code, text });
    } finally {
      this.#admitting = false;
    }
  }

  #pass(page: PassingPage): void {
    this.#lobby.pass(page, () => this.#wait());
    this.#show();
  }

  #wait(): void {
    if (this.#current !== undefined) {
      this.#lobby.leave();
      return;
    }
    this.#lobby.wait();
    this.#restOrWatch();
    this.#show();
  }

  /** Between interviews only the camera looks, for codes. */
  #restOrWatch(): void {
    const { capture } = this.#options.surroundings;
    capture("mic", { do: "rest" });
    capture("camera", { do: "watch" });
  }

  #show(): void {
    this.#options.onScene(this.#scene());
  }

  #scene(): Scene {
    const { clock, wording } = this.#options;
    const interview = this.#current;
    if (interview !== undefined && interview.session.stage !== "closed") {
      const { session } = interview;
      const instant = { now: clock.monotonic(), at: interview.now(), draft: interview.draft };
      return viewOf(session, this.#live, instant, feedbackOf(session, wording));
    }
    const base = { language: this.#language, recording: false };
    if (interview?.owing) return { ...base, show: "fault", fault: "delivery.failed" };
    const { page } = this.#lobby;
    if (page.show === "codeRefused") return { ...base, show: "codeRefused", fault: page.fault };
    return { ...base, show: page.show, ...(page.show === "service" ? { service: this.#options.service() } : {}) };
  }
}

/** A fault as another process named it; what it logged itself is not repeated. */
const asReported = (code: string): Fault => new Fault(code as FaultCode, "a part of this device reported a fault");
