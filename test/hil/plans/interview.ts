import { minutes } from "../../../contracts/units.ts";
import { orderFor, type PostedOrder, type WantedOrder } from "../../device/order.ts";
import { searchState } from "../parts/remains.ts";
import { onDevice, type Plan, type PlanOptions, step } from "./plan.ts";

/** Live pictures do not reach inference on the host: this interview's policy bans looking for faces, as a customer's may. */
export function shortOrder(wanted: WantedOrder): PostedOrder {
  const order = orderFor({ language: "en", answerLimitSeconds: 600, ...wanted });
  return { ...order, policy: { ...order.policy, bannedSignals: ["framing"] } };
}

/** In name, role, question and texts of the order: a word that stands nowhere else. */
export const marker = "marker-7f3c9e51";

/** One short interview through the kernel's interfaces, the agent running as its systemd unit. */
async function run({ disks, tell }: PlanOptions): Promise<void> {
  await onDevice({ disks, kernel: "bench.camera=shown" }, async ({ host, machine, device }) => {
    await step(tell, "the units of agent, captures and inference come up", () => device.setUp());
    const orderId = await host.centre.place(shortOrder({ deviceId: host.stack.deviceId, marker, name: marker }));
    await step(tell, "the check-in code is read through V4L2, consent and check pass by GPIO buttons", () =>
      device.arrive(orderId),
    );
    await step(tell, "both recording lights are dark before the answer", async () => {
      if ((await device.isLit("recording-mic")) || (await device.isLit("recording-camera")))
        throw new Error("a light is lit");
    });
    await step(tell, "an answer is spoken into ALSA while both lights are lit", async () => {
      await device.startAnswer();
      await device.speak("en-backend-weak", 3);
      await device.press("start");
    });
    await step(tell, "the A–D question is answered by GPIO buttons, the lights dark", async () => {
      await device.until("the choice", (shown) => shown.question?.kind === "choice");
      if ((await device.isLit("recording-mic")) || (await device.isLit("recording-camera")))
        throw new Error("a light is lit");
      await device.press("B");
      await device.until("the choice to show", (shown) => shown.question?.chosen?.includes("B") === true);
      await device.press("start");
    });
    await step(tell, "the candidate reads the feedback", () =>
      device.until("the feedback", (shown) => shown.show === "feedback", minutes(12)),
    );
    const kept = await step(tell, "HR has the scorecard", () => host.centre.scorecardOf(orderId, 120));
    await step(tell, "the spoken words came through microphone, recogniser and wire", async () => {
      const heard = kept.scorecard.answers[0]?.observations?.transcript?.text ?? "";
      const { faults } = kept.scorecard.answers[0]?.observations ?? {};
      if (!/systems|important/i.test(heard))
        throw new Error(`heard: "${heard}"; faults: ${JSON.stringify(faults)}\n${await device.said()}`);
    });
    await step(tell, "HR's receiver got it once", () => host.deliveredOnce());
    await step(tell, "the raw state disk shows no media, no name and nothing that was said", async () => {
      await machine.shutdown();
      await searchState(machine, [marker, "redesigning systems"]);
    });
  });
}

export const interview: Plan = {
  name: "interview",
  summary: "one interview: buttons through gpio-sim, camera through V4L2, microphone through ALSA, under systemd",
  minutes: 4,
  run,
};
