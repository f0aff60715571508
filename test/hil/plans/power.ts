import { seconds } from "../../../contracts/units.ts";
import { systemClock as clock } from "../../../runtime/clock.ts";
import type { Machine } from "../machine.ts";
import { searchState } from "../parts/remains.ts";
import { draws } from "./chance.ts";
import { marker, shortOrder } from "./interview.ts";
import { onDevice, type Plan, type PlanOptions, type Scene, step } from "./plan.ts";

/** Of sound and picture, this much may be missing before the power went: one segment. */
const oneSegment = seconds(2);
/** When the power goes, after the recording has begun. */
const [earliest, latest] = [seconds(9), seconds(20)];

type Asking = Scene & { question: string };

/** When, by the machine's clock, the newest whole segment of a stream was written; 0 where there is none. */
async function newest(machine: Machine, stream: "mic" | "camera"): Promise<number> {
  const found = `find /var/lib/candor/sessions -name '${stream}-*.sealed' -size +0 -printf '%T@\\n'`;
  return Number((await machine.must(`${found} | sort -n | tail -n 1`)).trim());
}

/** The power goes in the middle of an answer; afterwards the same question is asked again. Hands back how old the newest segments were. */
async function lose(scene: Asking, afterMillis: number): Promise<string> {
  const { machine, device, question } = scene;
  await scene.device.startAnswer();
  await clock.sleep(afterMillis);
  // The machine's last word: what it writes after that makes the ages smaller.
  const lastWord = Number(await machine.must("date +%s.%N"));
  await machine.kill();
  await machine.boot();
  const ages: string[] = [];
  for (const stream of ["mic", "camera"] as const) {
    const age = (lastWord - (await newest(machine, stream))) * 1000;
    if (age > oneSegment)
      throw new Error(`no ${stream} segment of the last ${Math.round(age / 1000)} s before the loss is on the disk`);
    ages.push(`${stream} ${(age / 1000).toFixed(1)} s`);
  }
  await device.setUp();
  const shown = await device.until("the question again", (one) => one.show === "question");
  if (shown.question?.questionId !== question || shown.question.again !== true)
    throw new Error(`the page asks ${JSON.stringify(shown.question)}, and it was ${question} that was being answered`);
  return ages.join(", ");
}

/** Half of the losses in the first answer, then that answer, the other half in the second. */
async function losses(scene: Asking, { tell, points, seed }: PlanOptions): Promise<void> {
  const next = draws(seed);
  for (let point = 1; point <= points; point++) {
    const after = Math.round(earliest + next() * (latest - earliest));
    await step(tell, `loss ${point} of ${points}, ${(after / 1000).toFixed(1)} s into ${scene.question}`, async () => {
      console.log(`# newest segments before the machine's last word: ${await lose(scene, after)}`);
    });
    if (point === Math.ceil(points / 2)) await step(tell, "the first question is answered", () => first(scene));
  }
}

async function first(scene: Asking): Promise<void> {
  await scene.device.startAnswer();
  await clock.sleep(seconds(3));
  await scene.device.press("start");
  const shown = await scene.device.until(
    "the second question",
    (one) => one.show === "question" && one.question?.questionId !== scene.question,
  );
  scene.question = shown.question?.questionId ?? "";
}

/** To the end: HR has every answer, once. */
async function finish(scene: Asking, orderId: string): Promise<void> {
  const { host, device } = scene;
  await scene.device.startAnswer();
  await clock.sleep(seconds(3));
  await device.press("start");
  await device.until("the choice", (shown) => shown.question?.kind === "choice");
  await device.press("B");
  await device.until("the choice to show", (shown) => shown.question?.chosen?.includes("B") === true);
  await device.press("start");
  const { scorecard, chainVerified } = await host.centre.scorecardOf(orderId, 15 * 60);
  const answered = scorecard.answers.map((one) => one.questionId).join(", ");
  if (scorecard.ended !== "complete" || !chainVerified || answered !== "redesign, disagreement, locking")
    throw new Error(`it ended ${scorecard.ended}, its chain holds: ${chainVerified}, answers: ${answered}`);
  await host.deliveredOnce();
}

/** The whole machine loses its power in mid-answer, again and again; only the state disk stays. */
async function run(options: PlanOptions): Promise<void> {
  const { disks, tell, seed, withoutFsync } = options;
  console.log(`# seed ${seed}${withoutFsync ? ", the syncing of files taken away" : ""}`);
  await onDevice({ disks, kernel: "bench.camera=shown", withoutFsync }, async ({ host, machine, device }) => {
    const scene: Asking = { host, machine, device, question: "redesign" };
    const orderId = await step(tell, "the candidate stands before the first question", async () => {
      await device.setUp();
      const { deviceId } = host.stack;
      const placed = await host.centre.place(shortOrder({ deviceId, spoken: 2, marker, name: marker }));
      await device.arrive(placed);
      return placed;
    });
    await losses(scene, options);
    await step(tell, "the interview ends, HR has every answer, once", () => finish(scene, orderId));
    await step(tell, "the raw state disk shows no media header and no word of the order", async () => {
      await machine.kill();
      await searchState(machine, [marker]);
    });
  });
}

export const power: Plan = {
  name: "power",
  summary: "the whole machine is killed in mid-answer, --points times, and goes on each time",
  minutes: 45,
  run,
};
