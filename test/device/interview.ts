import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { View } from "../../contracts/screen.ts";
import { seconds } from "../../contracts/units.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { run } from "../../runtime/subprocess.ts";
import { orderFor, type PostedOrder, type WantedOrder } from "./order.ts";
import type { System } from "./system.ts";
import { eventually } from "./waiting.ts";

/** A clip of test/fixtures/speech, by name, cut to its first `length` seconds so that a test stays short. */
export async function clip(system: System, name: string, length?: number): Promise<string> {
  const whole = join(projectRoot, "test/fixtures/speech", `${name}.opus`);
  if (length === undefined) return whole;
  const cut = join(system.scratch, `${name}-${length}.wav`);
  await run("ffmpeg", ["-v", "error", "-y", "-i", whole, "-t", String(length), "-ar", "16000", "-ac", "1", cut]);
  return cut;
}

/** Posts an order and waits until the device has acknowledged it. */
export async function placeOrder(
  system: System,
  wanted: Omit<WantedOrder, "deviceId"> = {},
): Promise<{ orderId: string; order: PostedOrder }> {
  const order = orderFor({ ...wanted, deviceId: system.stack.deviceId });
  const orderId = await system.centre.place(order);
  await system.centre.untilState(orderId, "delivered", 30);
  return { orderId, order };
}

/** Fetches the order's check-in code and holds it before the camera; hands back the picture's file. */
export async function showCode(system: System, orderId: string): Promise<string> {
  const answer = await system.centre.ask("GET", `/v1/orders/${orderId}/check-in?format=png`);
  if (answer.status !== 200)
    throw new Error(`no check-in code: ${answer.status} ${answer.raw.toString("utf8").slice(0, 300)}`);
  const file = join(system.scratch, `code-${system.codes++}.png`);
  await writeFile(file, answer.raw);
  await system.emulator.show(file);
  return file;
}

/** From the waiting page to the notice. */
export async function checkIn(system: System, orderId: string): Promise<View> {
  await system.page.until("the waiting page", (shown) => shown.show === "waiting");
  await showCode(system, orderId);
  const notice = await system.page.until("the notice after check-in", (shown) => shown.show === "notice", seconds(20));
  await system.emulator.show("face");
  return notice;
}

/** Reads the notice and answers each purpose; those in `refuse` with B. Stops after the first refused required one. */
export async function giveConsent(system: System, { refuse = [] }: { refuse?: string[] } = {}): Promise<void> {
  await system.press("start");
  let number = 0;
  for (;;) {
    const shown = await system.page.until(
      "the next page of consent",
      (one) =>
        one.show === "check" || one.show === "refused" || (one.show === "consent" && one.consent?.number !== number),
    );
    if (shown.show !== "consent") return;
    number = shown.consent?.number ?? number;
    await system.press(refuse.includes(shown.consent?.purpose ?? "") ? "B" : "A");
  }
}

/** Speaks into the microphone, again if need be, until the device check is content, and goes on to the first question. */
export async function passCheck(system: System): Promise<View> {
  await system.page.until("the device check", (shown) => shown.show === "check");
  const words = await clip(system, "en-backend2-weak", 3);
  await eventually({ what: "the device check to hear the candidate", limit: seconds(40) }, async () => {
    await system.emulator.play(words);
    return system.page.shown?.check?.microphone === "good";
  });
  await system.press("start");
  return system.page.until("the first question", (shown) => shown.show === "question");
}

/** Check-in, notice, every consent and the device check: the first question is on the page. */
export async function arrive(
  system: System,
  wanted: Omit<WantedOrder, "deviceId"> = {},
): Promise<{ orderId: string; order: PostedOrder }> {
  const placed = await placeOrder(system, wanted);
  await checkIn(system, placed.orderId);
  await giveConsent(system);
  await passCheck(system);
  return placed;
}

/** Presses start on a spoken question and waits until it is recorded. */
export async function beginAnswer(system: System): Promise<View> {
  await system.page.until(
    "a spoken question",
    (shown) => shown.show === "question" && shown.question?.kind === "spoken",
  );
  await system.press("start");
  return system.page.until(
    "the recording to run",
    (shown) => shown.show === "answering" && shown.recording,
    seconds(30),
  );
}

/** Ends the answer and waits for what comes after it. */
export async function endAnswer(system: System): Promise<View> {
  const questionId = system.page.shown?.question?.questionId;
  await system.press("start");
  return system.page.until(
    "what comes after the answer",
    (shown) =>
      shown.show === "analysing" ||
      shown.show === "feedback" ||
      (shown.show === "question" && shown.question?.questionId !== questionId),
  );
}

export async function answerSpoken(
  system: System,
  { speech = "en-backend2-weak", length = 5 }: { speech?: string; length?: number } = {},
): Promise<View> {
  await beginAnswer(system);
  await system.emulator.play(await clip(system, speech, length));
  return endAnswer(system);
}

export async function answerChoice(system: System, button: "A" | "B" | "C" | "D" = "B"): Promise<View> {
  await system.page.until("an A–D question", (shown) => shown.show === "question" && shown.question?.kind === "choice");
  await system.press(button);
  await system.page.until("the choice to show", (shown) => shown.question?.chosen?.includes(button) === true);
  return endAnswer(system);
}

/** Waits for the feedback, and closes it: the device waits for the next candidate. */
export async function readFeedback(system: System): Promise<View> {
  const shown = await system.page.until("the feedback", (one) => one.show === "feedback", seconds(90));
  await system.press("start");
  await system.page.until("the waiting page", (one) => one.show === "waiting");
  return shown;
}

/** One whole interview without trouble: one spoken question and, unless left out, one choice. */
export async function wholeInterview(
  system: System,
  wanted: Omit<WantedOrder, "deviceId"> & { length?: number; speech?: string } = {},
): Promise<{ orderId: string; order: PostedOrder }> {
  const { length = 5, speech = "en-backend2-weak", ...order } = wanted;
  const placed = await arrive(system, order);
  for (let asked = 0; asked < (order.spoken ?? 1); asked++) await answerSpoken(system, { speech, length });
  if (order.choice ?? true) await answerChoice(system);
  await readFeedback(system);
  return placed;
}
