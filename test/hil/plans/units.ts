import { minutes, seconds } from "../../../contracts/units.ts";
import { systemClock as clock } from "../../../runtime/clock.ts";
import { eventually } from "../../device/waiting.ts";
import { lines } from "../contract.ts";
import type { DeviceHealth } from "../parts/device.ts";
import { shortOrder } from "./interview.ts";
import { onDevice, type Plan, type PlanOptions, type Scene, step } from "./plan.ts";

const patience = minutes(4);

/** Waits for what the agent writes of itself. @throws Error with what it last wrote */
async function untilHealth(
  { device }: Scene,
  what: string,
  wanted: (health: DeviceHealth) => boolean,
): Promise<DeviceHealth> {
  let last: DeviceHealth | undefined;
  try {
    return await eventually({ what, limit: patience, pause: 1000 }, async () => {
      last = await device.health();
      return wanted(last) ? last : undefined;
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}; health says ${JSON.stringify(last)}`, { cause: error });
  }
}

const partOf = (health: DeviceHealth, name: string): string => {
  const part = health.parts[name];
  return `${part?.state ?? "absent"} ${part?.fault ?? ""}`.trim();
};

/** A button's line that stays pulled to ground, as a jammed key or a crushed wire does. */
async function stuckLine(scene: Scene): Promise<void> {
  const pull = (way: "up" | "down"): Promise<string> =>
    scene.machine.must(`echo pull-${way} > /run/candor-bench/chip/sim_gpio${lines.D}/pull`);
  await pull("down");
  await untilHealth(scene, "the stuck button", (health) => partOf(health, "buttons") === "degraded button.stuck");
  await pull("up");
  await untilHealth(scene, "the freed button", (health) => partOf(health, "buttons") === "working");
  await scene.device.until("the waiting page", (shown) => shown.show === "waiting");
}

/** The kernel's device goes and comes back; the other stream's part goes on meanwhile. */
async function goesAndReturns(
  scene: Scene,
  { part, other, node }: { part: "mic" | "camera"; other: "mic" | "camera"; node: string },
): Promise<void> {
  const { machine, device } = scene;
  const [driver, name] = node.split("/");
  const bind = (verb: "bind" | "unbind"): Promise<string> =>
    machine.must(`echo ${name} > /sys/bus/platform/drivers/${driver}/${verb}; udevadm settle --timeout=60`);
  const room = (verb: "start" | "stop"): Promise<string> => machine.must(`systemctl ${verb} candor-bench-room`);
  if (part === "mic") await room("stop");
  await bind("unbind");
  const lost = await untilHealth(scene, `the ${part} to be lost`, (health) =>
    new RegExp(`^degraded ${part}\\.(lost|missing|stalled)$`).test(partOf(health, part)),
  );
  if (partOf(lost, other) !== "working") throw new Error(`the ${other} is ${partOf(lost, other)} meanwhile`);
  await bind("bind");
  if (part === "mic") await room("start");
  await untilHealth(scene, `the ${part} to be back`, (health) => partOf(health, part) === "working");
  await device.until("the recording to go on", (shown) => shown.show === "answering" && shown.recording);
}

/** The check-in code is shown to v4l2loopback; then vivid, which can be unbound, takes its place, and an answer begins. */
async function answering({ machine, device }: Scene, orderId: string): Promise<void> {
  await device.arrive(orderId);
  await machine.must("ln -sfn /dev/video0 /dev/candor-camera; systemctl restart candor-capture-camera");
  await device.startAnswer();
}

/** The agent's process stands still, as one does that waits for ever: systemd's watchdog sees it. */
async function stoodStill({ machine, device }: Scene): Promise<void> {
  const restarts = async (): Promise<number> => Number(await machine.must("systemctl show -P NRestarts candor-agent"));
  const before = await restarts();
  await machine.must("systemctl kill --signal=STOP candor-agent");
  await eventually(
    { what: "systemd to restart the agent", limit: patience, pause: 2000 },
    async () => (await restarts()) > before,
  );
  const said = await machine.must("journalctl -u candor-agent -o cat --no-pager | grep -i 'watchdog timeout'");
  if (said.trim() === "") throw new Error("systemd did not name its watchdog");
  await clock.sleep(seconds(2));
  await device.until("the same question again", (shown) => shown.show === "question" && shown.question?.again === true);
}

/** What a fault looks like to an operator: the agent as its systemd unit, its health document, the watchdogs. */
async function run({ disks, tell }: PlanOptions): Promise<void> {
  await onDevice({ disks, watchdogSeconds: 90 }, async (scene) => {
    const { host, machine, device } = scene;
    await step(tell, "the units come up", async () => {
      await device.setUp();
      await device.until("the waiting page", (shown) => shown.show === "waiting");
    });
    await step(tell, "a button's line that is stuck is told as button.stuck, and works when it is free", () =>
      stuckLine(scene),
    );
    await step(tell, "a candidate answers", async () =>
      answering(scene, await host.centre.place(shortOrder({ deviceId: host.stack.deviceId }))),
    );
    await step(tell, "a camera whose driver is unbound is told by its code, and works again; the sound goes on", () =>
      goesAndReturns(scene, { part: "camera", other: "mic", node: "vivid/vivid.0" }),
    );
    await step(tell, "a sound card that goes is told by its code, and works again; the camera goes on", () =>
      goesAndReturns(scene, { part: "mic", other: "camera", node: "snd_aloop/snd_aloop.0" }),
    );
    await step(tell, "systemd holds the board's own watchdog", async () => {
      const held = await machine.must("cat /sys/class/watchdog/watchdog0/state; systemctl show -P RuntimeWatchdogUSec");
      if (!/^active\s+15s/.test(held)) throw new Error(`the watchdog is: ${held}`);
    });
    await step(tell, "an agent that stands still is restarted by systemd's watchdog, and asks the same question", () =>
      stoodStill(scene),
    );
  });
}

export const unitsPlan: Plan = {
  name: "units",
  summary: "faults as an operator sees them: codes in the health document, and both watchdogs",
  minutes: 10,
  run,
};
