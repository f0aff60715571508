import type { View } from "../../../contracts/screen.ts";
import { minutes } from "../../../contracts/units.ts";
import { systemClock as clock } from "../../../runtime/clock.ts";
import { eventually } from "../../device/waiting.ts";
import { Machine } from "../machine.ts";
import { type HostCentre, openHostCentre } from "../parts/centre.ts";
import { Device } from "../parts/device.ts";
import { searchState } from "../parts/remains.ts";
import { draws } from "./chance.ts";
import { marker, shortOrder } from "./interview.ts";
import { type Plan, type PlanOptions, step } from "./plan.ts";

/** A segment is 1 s of sound; it is sealed, written and synced within the second that follows. */
const mostMissing = 2000;
/** What the emulated machine may take longer for than the machine it stands for, in its own time. */
const slack = 3000;
type Run = { machine: Machine; device: Device; host: HostCentre; options: PlanOptions; random: () => number };

/** Milliseconds between the newest piece of sound on the disk and now, by the machine's own clock. */
async function sinceSound(machine: Machine): Promise<{ age: number; count: number }> {
  const newest = "find /var/lib/candor/sessions -name 'mic-*.sealed' -printf '%T@\\n' | sort -n | tail -n 1";
  const text = await machine.must(`date +%s.%N; ${newest}; find /var/lib/candor/sessions -name 'mic-*.sealed' | wc -l`);
  const [now = "0", last = "0", count = "0"] = text.trim().split("\n");
  return { age: (Number(now) - Number(last)) * 1000, count: Number(count) };
}

/** What the machine's clock said last before the power went, and what lay on the disk afterwards. */
type Loss = { cutAt: number; newestAt: number };

async function cut({ machine, random }: Run): Promise<number> {
  await clock.sleep(3000 + random() * 6000);
  // The last word before the loss; what was written after it can only make the difference smaller.
  const cutAt = Number((await machine.must("date +%s.%N")).trim()) * 1000;
  await machine.kill();
  return cutAt;
}

async function newestAfter({ machine }: Run): Promise<number> {
  const text = await machine.must(
    "find /var/lib/candor/sessions -name 'mic-*.sealed' -printf '%T@\\n' | sort -n | tail -n 1",
  );
  return Number(text.trim()) * 1000;
}

/** Begins the answer, or takes note that it already runs, and waits until sound of it is on the disk. */
async function recording(run: Run): Promise<void> {
  const { device, machine } = run;
  const shown = await device.until(
    "the question or its answer",
    (one) => one.question?.kind === "spoken" && (one.show === "question" || one.show === "answering"),
  );
  if (shown.show === "question") await device.press("start");
  await device.until("the recording", (one) => one.show === "answering" && one.recording);
  const { count } = await sinceSound(machine);
  await eventually({ what: "sound on the disk", limit: minutes(2), pause: 500 }, async () => {
    const now = await sinceSound(machine);
    return now.count > count + 1 && now.age < mostMissing + slack;
  });
}

const questionOf = (shown: View): string => shown.question?.questionId ?? "";

/** One loss of power in mid-answer, and the machine after it. */
async function lose(run: Run): Promise<Loss> {
  const { device, machine } = run;
  await recording(run);
  const before = questionOf(await device.until("the answer", (one) => one.show === "answering"));
  const cutAt = await cut(run);
  await machine.boot();
  const newestAt = await newestAfter(run);
  await device.setUp();
  const after = questionOf(
    await device.until("the same question again", (one) => one.show === "question" || one.show === "answering"),
  );
  if (after !== before) throw new Error(`it resumed at ${after} and had stood at ${before}`);
  if (cutAt - newestAt > mostMissing + slack)
    throw new Error(`${Math.round(cutAt - newestAt)} ms of sound before the loss are not on the disk`);
  return { cutAt, newestAt };
}

/** From the last question to HR, as in an interview without trouble. */
async function finish({ device, host }: Run, orderId: string): Promise<void> {
  await device.press("start");
  await device.until("the choice", (shown) => shown.question?.kind === "choice");
  await device.press("B");
  await device.until("the choice to show", (shown) => shown.question?.chosen?.includes("B") === true);
  await device.press("start");
  await device.until("the feedback", (shown) => shown.show === "feedback", minutes(10));
  const { scorecard } = await host.centre.scorecardOf(orderId, 180);
  if (scorecard.ended !== "complete" || scorecard.answers.length !== 2)
    throw new Error(`${scorecard.ended} with ${scorecard.answers.length} answers`);
  await eventually({ what: "the result at the receiver", limit: minutes(2) }, () => host.results.length > 0);
  if (host.results.length !== 1) throw new Error(`HR got it ${host.results.length} times`);
}

async function losses(run: Run): Promise<void> {
  const { machine, device, host, options } = run;
  const { tell, points } = options;
  await machine.boot();
  const orderId = await step(tell, "a candidate stands at the first question", async () => {
    await device.setUp();
    const placed = await host.centre.place(shortOrder({ deviceId: host.stack.deviceId, marker, name: marker }));
    await device.arrive(placed);
    return placed;
  });
  for (let point = 1; point <= points; point++)
    await step(tell, `loss ${point} of ${points}: the same question, at most one segment missing`, async () => {
      const { cutAt, newestAt } = await lose(run);
      console.log(`  newest sound on the disk ${Math.round(cutAt - newestAt)} ms before the machine's last word`);
    });
  await step(tell, "the answer is given after all, and HR has the interview once", async () => {
    await recording(run);
    await device.speak("en-backend2-weak", 5);
    await finish(run, orderId);
  });
  await machine.shutdown();
  await step(tell, "the raw disk shows no header of a recording and no word of the order", () =>
    searchState(machine, [marker, "database"]),
  );
}

async function run(options: PlanOptions): Promise<void> {
  console.log(`# power: seed ${options.seed}${options.withoutFsync ? ", the device's syncing taken away" : ""}`);
  const host = await openHostCentre();
  const machine = await Machine.create({ disks: options.disks });
  const device = new Device(machine, host, { withoutFsync: options.withoutFsync });
  try {
    await losses({ machine, device, host, options, random: draws(options.seed) });
  } finally {
    await machine.close();
    await host.close();
  }
}

export const power: Plan = {
  name: "power",
  summary: "the whole machine loses its power in mid-answer and boots again",
  run,
};
