import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type ButtonName, type View, view } from "../../../contracts/screen.ts";
import { type Millis, minutes } from "../../../contracts/units.ts";
import { eventually } from "../../device/waiting.ts";
import { lines, picturePath, sound, viewPath } from "../contract.ts";
import type { Done, Machine } from "../machine.ts";
import type { HostCentre } from "./centre.ts";

export const units = ["candor-inference", "candor-capture-mic", "candor-capture-camera", "candor-agent"] as const;
const helpers = ["candor-bench-page", "candor-bench-picture", "candor-bench-room"] as const;
/** What the bench does without a person's wait: everything in the machine is slow. */
const patience: Millis = minutes(8);
const boardWatchdog =
  "install -D -m 644 /usr/lib/candor/systemd/candor-watchdog.conf /etc/systemd/system.conf.d/candor.conf";

const health = z.looseObject({
  parts: z.record(z.string(), z.looseObject({ state: z.string(), fault: z.string().optional() })),
  faults: z.record(z.string(), z.number()),
});
export type DeviceHealth = z.infer<typeof health>;

export type DeviceOptions = {
  /** Takes the syncing of files away from every unit. */
  withoutFsync?: boolean;
  /** How long the agent may be silent before systemd restarts it, the board's own watchdog held by systemd too; default: neither soon, for the machine's own time stands still now and then. */
  watchdogSeconds?: number;
  /** Options of the bench's board over those of boards/bench.ts. */
  boardOptions?: object;
};

/** The device in the machine: Candor's own units on the kernel's interfaces, and the hands before it. */
export class Device {
  readonly machine: Machine;
  readonly #host: HostCentre;
  readonly #options: DeviceOptions;

  constructor(machine: Machine, host: HostCentre, options: DeviceOptions = {}) {
    this.machine = machine;
    this.#host = host;
    this.#options = options;
  }

  /**
   * Gives the machine its identity and configuration, as the claim of a real device does, and starts everything. Needed
   * after each boot: the system is read-only.
   */
  async setUp(): Promise<void> {
    const { machine } = this;
    const { withoutFsync = false } = this.#options;
    await machine.must(
      [
        "set -e",
        "ip link set lo up; ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0 || true; ip route add default via 10.0.2.2 || true",
        // The host's loopback, where the centre is, under the name its certificates have.
        "grep -q 10.0.2.2 /etc/hosts || sed -i '1i 10.0.2.2 localhost' /etc/hosts",
        ...(this.#options.watchdogSeconds === undefined ? [] : [boardWatchdog]),
        "grep -q ledtrig_pattern /proc/modules && grep -q ledtrig_transient /proc/modules",
        "chown candor:candor /var/lib/candor; chmod 700 /var/lib/candor",
      ].join("\n"),
      patience,
    );
    await this.#identity();
    await machine.write("/etc/candor/agent.json", JSON.stringify(this.#configuration()));
    await this.#dropIns(withoutFsync);
    await machine.must(
      [
        `[ -s ${picturePath} ] || ffmpeg -hide_banner -nostdin -loglevel error -i /usr/lib/candor/test/fixtures/face/astronaut.jpg -vf scale=320:240 ${picturePath}`,
        `systemctl daemon-reexec && systemctl start ${[...helpers, ...units].join(" ")}`,
      ].join("\n"),
      patience,
    );
  }

  #configuration(): object {
    return {
      board: "bench",
      brokerUrl: `mqtts://localhost:${this.#host.stack.ports.broker}`,
      externalParts: true,
      language: "en",
      boardOptions: JSON.stringify(this.#options.boardOptions ?? {}),
      // The state disk is small, and this interview smaller.
      storageWarnMegabytes: 50,
    };
  }

  async #identity(): Promise<void> {
    const { identity } = this.#host.stack.layout;
    for (const file of await readdir(identity))
      await this.machine.write(`/etc/candor/identity/${file}`, await readFile(join(identity, file)), "600");
    await this.machine.must("chown -R candor:candor /etc/candor && chmod 700 /etc/candor/identity");
  }

  /** Where the machine differs from a device: inference runs on the host, and one test takes the syncing away. */
  async #dropIns(withoutFsync: boolean): Promise<void> {
    // What stands at inference's socket hands everything to inference on the host.
    const command = `/usr/bin/node /usr/lib/candor/dist/test/hil/guest/recogniser.js /run/candor/inference.sock ${this.#host.recogniser.port}`;
    await this.#dropIn("candor-inference", `ExecStart=\nExecStart=${command}\nPrivateNetwork=no`);
    const { watchdogSeconds = 600 } = this.#options;
    await this.#dropIn("candor-agent", `TimeoutStartSec=900\nWatchdogSec=${watchdogSeconds}`);
    if (!withoutFsync) return;
    for (const unit of units)
      await this.#dropIn(unit, "Environment=LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libeatmydata.so", "fsync");
  }

  #dropIn(unit: string, lines: string, name = "bench"): Promise<void> {
    return this.machine.write(`/etc/systemd/system/${unit}.service.d/${name}.conf`, `[Service]\n${lines}\n`);
  }

  /** A press with chatter, made in the machine so that its length does not depend on the way there. */
  async press(button: ButtonName): Promise<void> {
    const pull = `/run/candor-bench/chip/sim_gpio${lines[button]}/pull`;
    const set = (levels: string): string =>
      levels
        .split(" ")
        .map((level) => `echo pull-${level} > ${pull}`)
        .join("; ");
    await this.machine.must(`${set("down up down up down")}; sleep 0.25; ${set("up down up")}`);
  }

  /** Begins the answer; resolves when both lights are lit, for then samples and pictures are being written. */
  async startAnswer(): Promise<void> {
    await this.press("start");
    await this.until("the recording", (shown) => shown.show === "answering" && shown.recording);
    await eventually(
      { what: "both lights to be lit", limit: minutes(1) },
      async () => (await this.isLit("recording-mic")) && (await this.isLit("recording-camera")),
    );
  }

  async isLit(line: "recording-mic" | "recording-camera"): Promise<boolean> {
    return (await this.machine.must(`cat /run/candor-bench/chip/sim_gpio${lines[line]}/value`)).trim() === "1";
  }

  /** Holds a picture before the interview's camera. */
  async show(png: Uint8Array): Promise<void> {
    await this.machine.write(`${picturePath}.next`, png);
    await this.machine.must(`mv ${picturePath}.next ${picturePath}`);
  }

  /** Plays a clip of the fixtures into the microphone, to its end. */
  async speak(clip: string, lengthSeconds: number): Promise<void> {
    const file = `/usr/lib/candor/test/fixtures/speech/${clip}.opus`;
    const play = `ffmpeg -hide_banner -nostdin -loglevel error -re -t ${lengthSeconds} -i ${file} -ac 1 -ar 16000 -c:a pcm_s16le -f alsa ${sound.intoMicrophone}`;
    await this.machine.must(`systemctl stop candor-bench-room; ${play}; systemctl start candor-bench-room`, patience);
  }

  async shown(): Promise<View | undefined> {
    const { stdout } = await this.machine.run(`cat ${viewPath} 2>/dev/null`);
    return stdout.trim() === "" || stdout.trim() === "null" ? undefined : view.parse(JSON.parse(stdout));
  }

  /** Waits for a page. @throws Error with what the units said, when it does not come */
  async until(what: string, wanted: (shown: View) => boolean, limit: Millis = patience): Promise<View> {
    let last: View | undefined;
    try {
      return await eventually({ what, limit, pause: 300 }, async () => {
        last = await this.shown();
        return last !== undefined && wanted(last) ? last : undefined;
      });
    } catch (error) {
      const stands =
        last === undefined ? "no page" : `${last.show} ${last.fault ?? ""} ${JSON.stringify(last.check ?? {})}`;
      throw new Error(`${(error as Error).message}; the page shows ${stands}\n${await this.said()}`, { cause: error });
    }
  }

  async health(): Promise<DeviceHealth> {
    return health.parse(JSON.parse(await this.machine.must("cat /run/candor/health.json")));
  }

  /** What the units and the kernel said last, for a failed test's words. */
  async said(): Promise<string> {
    const { stdout } = await this.machine
      .run(
        `for u in ${units.join(" ")}; do echo "== $u"; systemctl is-active $u; journalctl -u $u -o cat --no-pager -n 4 | cut -c1-260; done; cat /run/candor/health.json; echo; dmesg | tail -n 5`,
      )
      .catch((): Done => ({ code: -1, stdout: "(the machine does not answer)", stderr: "" }));
    return stdout;
  }

  /** Placed at HR, acknowledged by the device, shown to the camera, agreed to: the first question is on the page. */
  async arrive(orderId: string): Promise<void> {
    await this.until("the waiting page", (shown) => shown.show === "waiting");
    const { centre } = this.#host;
    await centre.untilState(orderId, "delivered", patience / 1000);
    const answer = await centre.ask("GET", `/v1/orders/${orderId}/check-in?format=png`);
    await this.show(answer.raw);
    await this.until("the notice after check-in", (shown) => shown.show === "notice");
    await this.press("start");
    for (
      let asked = 1;
      (await this.until("consent or check", (one) => one.show === "check" || one.consent?.number === asked)).show ===
      "consent";
      asked++
    )
      await this.press("A");
    await this.until(
      "the check to hear the microphone",
      (shown) => shown.check?.microphone !== "waiting" && shown.check?.microphone !== "failed",
    );
    await this.press("start");
    await this.until("the first question", (shown) => shown.show === "question");
  }
}
