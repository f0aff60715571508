import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, minutes, seconds } from "../../contracts/units.ts";
import { systemClock as clock, deadline } from "../../runtime/clock.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { stopProcess } from "../../runtime/subprocess.ts";
import { guestReport, portName } from "./contract.ts";

export type Done = { code: number; stdout: string; stderr: string };
export type MachineOptions = {
  /** Folder with the disks that image.sh made. */
  disks: string;
  /** The state disk, kept over a loss of power; made empty where there is none. */
  state?: string;
  /** Further words of the kernel's command line. */
  kernel?: string;
};

/** Software emulation on two shared cores takes half a minute; five are for a busy machine. */
const bootLimit: Millis = minutes(5);
const stateMegabytes = 1024;
const consoleLines = 25;
const lineBytes = 32_768;

type Waiting = { done: (done: Done) => void; fail: (error: Error) => void };

/** A whole machine under software emulation, with real kernel drivers. The host reaches into it through a serial port. */
export class Machine {
  readonly folder: string;
  readonly state: string;
  readonly #options: MachineOptions;
  #qemu: ChildProcess | undefined;
  #port: Socket | undefined;
  #count = 0;
  readonly #waiting = new Map<string, Waiting>();

  private constructor(options: MachineOptions, folder: string) {
    this.#options = options;
    this.folder = folder;
    this.state = options.state ?? join(folder, "state.img");
  }

  /** Makes the state disk where there is none. Nothing runs before `boot`. */
  static async create(options: MachineOptions): Promise<Machine> {
    const folder = await mkdtemp(join(tmpdir(), "candor-bench-"));
    const machine = new Machine(options, folder);
    if (options.state === undefined) {
      await writeFile(machine.state, "");
      await truncate(machine.state, stateMegabytes * 1024 * 1024);
      await promisify(execFile)("/usr/sbin/mkfs.ext4", ["-q", "-F", machine.state]);
    }
    return machine;
  }

  get running(): boolean {
    return this.#qemu !== undefined;
  }

  /** Boots, and resolves when the machine takes commands. @throws Fault process.stuck with the console's last lines */
  async boot(): Promise<Millis> {
    const begun = clock.monotonic();
    const socket = join(this.folder, "port.sock");
    await rm(socket, { force: true });
    this.#qemu = spawn("qemu-system-x86_64", this.#arguments(socket), { stdio: ["ignore", "ignore", "inherit"] });
    this.#qemu.once("exit", () => this.#gone());
    try {
      await deadline(
        bootLimit,
        () => new Fault("process.stuck", "the machine does not come up"),
        (signal) => this.#connect(socket, signal),
      );
      // Everything that starts by itself has started, or failed.
      await this.run("systemctl is-system-running --wait >/dev/null; systemctl --failed --no-legend", minutes(4));
    } catch (error) {
      const last = await this.console();
      await this.kill();
      throw new Fault("process.stuck", `the machine did not boot; its console says:\n${last}`, { cause: error });
    }
    return clock.monotonic() - begun;
  }

  /** A shell command as root inside. @throws Fault process.stuck when it takes longer than the limit, process.exited when the machine goes */
  run(command: string, limit: Millis = minutes(2)): Promise<Done> {
    const id = `${++this.#count}`;
    return deadline(
      limit,
      () => new Fault("process.stuck", `in the machine, this did not end in ${limit / 1000} s: ${command}`),
      () =>
        new Promise<Done>((done, fail) => {
          if (this.#port === undefined) return fail(new Fault("process.exited", "the machine is not running"));
          this.#waiting.set(id, { done, fail });
          this.#port.write(`${JSON.stringify({ id, command })}\n`);
        }),
    ).finally(() => this.#waiting.delete(id));
  }

  /** As `run`, for what must succeed. @throws Fault process.exited with what it said */
  async must(command: string, limit?: Millis): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, limit);
    if (code !== 0)
      throw new Fault("process.exited", `in the machine, this ended with ${code}: ${command}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Brings text into a file of the machine. */
  async write(path: string, content: string | Uint8Array, mode = "644"): Promise<void> {
    const encoded = Buffer.from(content).toString("base64");
    let begun = `mkdir -p "$(dirname '${path}')" && : > '${path}' && chmod ${mode} '${path}' && `;
    // The port takes lines of some tens of kilobytes at once.
    for (let at = 0; at === 0 || at < encoded.length; at += lineBytes) {
      await this.must(`${begun}printf %s '${encoded.slice(at, at + lineBytes)}' | base64 -d >> '${path}'`);
      begun = "";
    }
  }

  /** The power goes: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    const qemu = this.#qemu;
    if (qemu === undefined) return;
    const exited = once(qemu, "exit");
    qemu.kill("SIGKILL");
    await exited;
  }

  /** Goes down in order, or hard where that takes too long. */
  async shutdown(): Promise<void> {
    const qemu = this.#qemu;
    if (qemu === undefined) return;
    const exited = once(qemu, "exit");
    this.#port?.write(`${JSON.stringify({ id: "last", command: "systemctl poweroff" })}\n`);
    await Promise.race([exited, clock.sleep(minutes(1))]);
    if (this.#qemu !== undefined) await stopProcess(qemu, clock, { signal: "SIGKILL" });
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The last lines that the kernel and the units said. */
  async console(): Promise<string> {
    const text = await readFile(join(this.folder, "console.log"), "utf8").catch(() => "");
    return text.split("\n").slice(-consoleLines).join("\n");
  }

  /** A copy of the state disk as it is now. */
  async copyState(to: string): Promise<void> {
    await mkdir(join(to, ".."), { recursive: true });
    await copyFile(this.state, to);
  }

  #arguments(socket: string): string[] {
    const { disks, kernel = "" } = this.#options;
    const disk = (file: string, readonly: boolean): string[] => [
      "-drive",
      `file=${file},if=virtio,format=raw,cache=writeback${readonly ? ",readonly=on" : ""}`,
    ];
    return [
      ...["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max", "-smp", "2", "-m", "2304"],
      ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
      ...["-kernel", join(disks, "vmlinuz"), "-initrd", join(disks, "initrd.gz")],
      ...["-append", `console=ttyS0 quiet panic=1 systemd.show_status=0 mitigations=off net.ifnames=0 ${kernel}`],
      ...disk(join(disks, "system.squashfs"), true),
      ...disk(join(disks, "application.squashfs"), true),
      ...disk(this.state, false),
      ...["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="],
      ...["-device", "virtio-rng-pci", "-device", "virtio-serial-pci"],
      ...["-chardev", `socket,id=port,path=${socket},server=on,wait=off`],
      ...["-device", `virtserialport,chardev=port,name=${portName}`],
      ...["-serial", `file:${join(this.folder, "console.log")}`],
    ];
  }

  async #connect(path: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#qemu !== undefined) {
      const port = connect(path);
      try {
        await once(port, "connect");
        await this.#listen(port);
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        await clock.sleep(seconds(0.2));
      }
    }
    throw new Fault("process.exited", "qemu ended at once: see what it said above");
  }

  /** Resolves at the guest's first word. */
  #listen(port: Socket): Promise<void> {
    this.#port = port;
    return new Promise((ready, fail) => {
      port.once("close", () => fail(new Fault("process.exited", "the machine's port was closed")));
      port.on("error", fail);
      createInterface({ input: port }).on("line", (line) => {
        const report = guestReport.parse(JSON.parse(line));
        if ("ready" in report) ready();
        else this.#waiting.get(report.id)?.done(report);
      });
    });
  }

  #gone(): void {
    this.#qemu = undefined;
    this.#port?.destroy();
    this.#port = undefined;
    for (const { fail } of this.#waiting.values()) fail(new Fault("process.exited", "the machine has gone"));
    this.#waiting.clear();
  }
}

/** Builds what is missing and tells where the disks are. */
export async function buildDisks(): Promise<string> {
  const disks = join(projectRoot, ".candor", "hil");
  const child = spawn(join(projectRoot, "test/hil/image.sh"), [disks], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Fault("process.exited", "the disks of the bench's machine were not built: see above");
  return disks;
}
