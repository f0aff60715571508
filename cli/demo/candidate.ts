import { join } from "node:path";
import { Fault } from "../../contracts/fault.ts";
import { inLanguage } from "../../contracts/language.ts";
import type { ButtonName, View } from "../../contracts/screen.ts";
import { type Millis, millis, minutes, seconds } from "../../contracts/units.ts";
import type { Emulator } from "../../drivers/emulator/client.ts";
import type { Clock } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";
import type { ScriptedAnswer } from "./order.ts";
import type { ScreenFollower } from "./screen.ts";

/** What the candidate did and when, on the machine's monotonic clock. */
export type Interview = {
  /** The last sample of the last spoken answer was sent to the microphone. */
  lastWordAt: Millis;
  /** The page showed the feedback: the score is there. */
  scoredAt: Millis;
  feedback: string[];
};

export type CandidateOptions = {
  emulator: Emulator;
  screen: ScreenFollower;
  clock: Clock;
  /** The picture with the check-in code. */
  code: string;
  answers: ReadonlyMap<string, ScriptedAnswer>;
  /** Purposes that the candidate refuses; all others are agreed to. */
  refuses?: readonly string[];
  /** Time to read and think before each press. */
  pause: Millis;
  onStep?: (key: string, facts?: Record<string, string | number>) => void;
};

const checkClip = join(projectRoot, "test", "fixtures", "speech", "en-backend-weak.opus");
const stepLimit = seconds(45);
const analysisLimit = minutes(3);

/** A person in front of the device, scripted: sees the page, presses buttons, shows the code, speaks. */
class Candidate {
  readonly #options: CandidateOptions;
  #lastWordAt: Millis = millis(0);

  constructor(options: CandidateOptions) {
    this.#options = options;
  }

  async attend(): Promise<Interview> {
    await this.#checkIn();
    await this.#consent();
    await this.#passDeviceCheck();
    for (;;) {
      const view = await this.#until("the next question or the feedback", analysisLimit, (one) =>
        ["question", "feedback", "refused", "withdrawn", "fault"].includes(one.show),
      );
      if (view.show === "feedback") return this.#readFeedback(view);
      if (view.show !== "question") throw new Fault("process.stuck", `the interview ended at the page ${view.show}`);
      await this.#answer(view);
    }
  }

  async #checkIn(): Promise<void> {
    const { emulator, code } = this.#options;
    await this.#until("the waiting page", stepLimit, (view) => view.show === "waiting");
    this.#tell("step.code");
    await emulator.show(code);
    const view = await this.#until(
      "the notice",
      stepLimit,
      (one) => one.show === "notice" || one.show === "codeRefused",
    );
    if (view.show === "codeRefused")
      throw new Fault("peer.refused", `the device refused the check-in code: ${view.fault ?? "no reason given"}`);
    await emulator.show("face");
    this.#tell("step.notice");
    await this.#press("start");
  }

  /** One page for each purpose: A agrees, B refuses. */
  async #consent(): Promise<void> {
    const { refuses = [] } = this.#options;
    let done = "";
    for (;;) {
      const view = await this.#until(
        "the next consent",
        stepLimit,
        (one) => one.show !== "notice" && one.consent?.purpose !== done,
      );
      const purpose = view.consent?.purpose;
      if (view.show !== "consent" || purpose === undefined) return;
      const agreed = !refuses.includes(purpose);
      this.#tell("step.consent", { purpose, agreement: agreed ? "given" : "refused" });
      await this.#press(agreed ? "A" : "B");
      done = purpose;
    }
  }

  /** Speaks until the microphone is heard, waits for the camera to see the face, goes on. */
  async #passDeviceCheck(): Promise<void> {
    const { emulator } = this.#options;
    await this.#until("the device check", stepLimit, (view) => view.show === "check");
    const speaking = emulator.play(checkClip);
    const view = await this.#until(
      "a good device check",
      stepLimit,
      ({ check }) => check?.microphone === "good" && check.camera === "good",
    );
    await emulator.stopPlaying();
    await speaking;
    this.#tell("step.check", { microphone: view.check?.microphone ?? "", camera: view.check?.camera ?? "" });
    await this.#press("start");
    await this.#until("the first question", stepLimit, (one) => one.show !== "check");
  }

  async #answer(view: View): Promise<void> {
    const { question } = view;
    const answer = question === undefined ? undefined : this.#options.answers.get(question.questionId);
    if (question === undefined || answer === undefined)
      throw new Fault(
        "use.invalid",
        `the script has no answer to the question ${question?.questionId ?? "without an id"}`,
      );
    const text = inLanguage(question.text, view.language);
    this.#tell("step.question", { number: question.number, of: question.of, text });
    await this.#listen();
    if (answer.kind === "spoken") await this.#speak(answer.clip);
    else await this.#choose(answer.options);
    const { questionId } = question;
    await this.#until("the page after the answer", analysisLimit, (one) => one.question?.questionId !== questionId);
  }

  /** Hears how the question begins, and does not wait for its end: pressing start silences it. */
  async #listen(): Promise<void> {
    await this.#options.clock.sleep(this.#options.pause);
    const { heard } = await this.#options.emulator.state();
    if (heard.running) this.#tell("step.listening", { millis: Math.round(heard.millis) });
  }

  async #speak(clip: string): Promise<void> {
    const { emulator, clock } = this.#options;
    await this.#press("start");
    await this.#until("the recording light", stepLimit, (view) => view.show === "answering" && view.recording);
    const began = clock.monotonic();
    const { atMonotonic } = await emulator.play(clip);
    this.#lastWordAt = millis(atMonotonic);
    this.#tell("step.answering", { seconds: Math.round((atMonotonic - began) / 1000) });
    await this.#press("start");
  }

  async #choose(options: readonly string[]): Promise<void> {
    for (const option of options) {
      await this.#press(option as ButtonName);
      await this.#until(
        "the choice on the page",
        stepLimit,
        ({ question }) => question?.chosen?.includes(option) ?? false,
      );
      this.#tell("step.chosen", { option });
    }
    await this.#press("start");
  }

  #readFeedback(view: View): Interview {
    const scoredAt = this.#options.clock.monotonic();
    const feedback = (view.feedback ?? []).map((one) => inLanguage(one, view.language));
    return { lastWordAt: this.#lastWordAt, scoredAt, feedback };
  }

  /** Reads or thinks, then presses. */
  async #press(button: ButtonName): Promise<void> {
    await this.#options.clock.sleep(this.#options.pause);
    await this.#options.emulator.press(button);
  }

  #until(what: string, limit: Millis, wanted: (view: View) => boolean): Promise<View> {
    return this.#options.screen.until(wanted, { what, limit });
  }

  #tell(key: string, facts?: Record<string, string | number>): void {
    this.#options.onStep?.(key, facts);
  }
}

/**
 * Lets the scripted candidate be interviewed from the check-in code to the feedback.
 * @throws Fault process.stuck where a page does not come, peer.refused where the code is refused
 */
export function attendInterview(options: CandidateOptions): Promise<Interview> {
  return new Candidate(options).attend();
}
