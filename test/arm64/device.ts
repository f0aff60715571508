import type { ChildProcess } from "node:child_process";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { inferenceReport } from "../../contracts/inference.ts";
import { minutes, seconds } from "../../contracts/units.ts";
import { createAuthority } from "../../provisioning/authority.ts";
import { enrolDevice } from "../../provisioning/enrol.ts";
import { connectChannel } from "../../runtime/channel.ts";
import { systemClock } from "../../runtime/clock.ts";
import { readIfThere } from "../../runtime/durable.ts";
import { parseJson } from "../../runtime/parse.ts";
import { newPrivateKey, publicHalf } from "../../runtime/seal.ts";
import { spawnBound, stopProcess } from "../../runtime/subprocess.ts";
import { eventually } from "../device/waiting.ts";
import type { Place } from "./machine.ts";

const readyFile = z.looseObject({ origin: z.string(), token: z.string(), startedInMillis: z.number() });
const healthFile = z.looseObject({ parts: z.record(z.string(), z.looseObject({ state: z.string() })) });

/** Emulation makes all of it some thirty times slower than the machine is. */
const startLimit = minutes(8);
const stopLimit = seconds(30);

/**
 * The models it is given. Without e5-small: the mean vectors that the embedder computes while it loads take minutes of
 * emulation, in which nothing else is answered. probe.ts tries that model by itself.
 */
const lent = ["silero-vad", "whisper-base"] as const;
const lacking = "embedder: model.missing";

type Started = { child: ChildProcess; complaint: () => string };

/** The two processes of a device that need no hardware, started there as systemd would: each by itself. */
export class Device {
  readonly #place: Place;
  readonly #folder: string;
  readonly #models: string;
  readonly #started: Started[] = [];

  constructor(place: Place, at: { folder: string; models: string }) {
    this.#place = place;
    this.#folder = at.folder;
    this.#models = at.models;
  }

  /** Inference is asked over its socket what it has loaded. @throws Error when another engine than the one left out is missing */
  async inference(): Promise<string> {
    const socket = this.#inside("run/inference.sock");
    const folder = this.#inside("models");
    await mkdir(folder);
    for (const name of lent) await symlink(join(this.#models, name), join(folder, name));
    const one = this.#start([
      ...["inference", "--socket", socket, "--models", folder, "--threads", "1"],
      ...["--recogniser", "whisper-base", "--live", "zh-CN,en"],
    ]);
    const channel = await this.#until(one, "inference to open its socket", () =>
      connectChannel({ path: socket, incoming: inferenceReport }).catch(() => undefined),
    );
    const faults: string[] = [];
    let models: string[] | undefined;
    channel.onMessage((report) => {
      if (report.report === "fault") faults.push(`${report.part}: ${report.fault}`);
      if (report.report === "ready") models = Object.keys(report.models).sort();
    });
    const loaded = await this.#until(one, "inference to load its models", () => models);
    channel.close();
    if (`${faults}` !== lacking) throw new Error(`missing are ${faults.join(", ")}`);
    return `loaded ${loaded.join(", ")}; goes on without the ${lacking}`;
  }

  /** The agent with a fresh identity: its ready file, its page, and its link to the inference process. */
  async agent(): Promise<string> {
    const ready = this.#inside("run/agent.ready.json");
    const folders = ["--state", this.#inside("state"), "--run", this.#inside("run")];
    await this.#enrol();
    const one = this.#start([
      "agent",
      ...folders,
      "--identity",
      this.#inside("identity"),
      "--external-parts",
      "--board",
      "emulated",
    ]);
    const found = await this.#until(one, "the agent's ready file", () => readIfThere(ready));
    const { origin, token, startedInMillis } = parseJson(readyFile, found, { what: "the ready file" });
    const page = await fetch(origin, { headers: { authorization: `Bearer ${token}` } });
    if (!page.ok || !(await page.text()).includes("<html")) throw new Error(`the page answers ${page.status}`);
    await this.#until(one, "the agent to work with inference", async () => {
      const told = await readFile(this.#inside("run/health.json"), "utf8").catch(() => undefined);
      if (told === undefined) return false;
      return parseJson(healthFile, told, { what: "health" }).parts["inference"]?.state === "working";
    });
    await stopProcess(one.child, systemClock, { grace: stopLimit });
    if (one.child.exitCode !== 0) throw new Error(`the agent ended with ${one.child.exitCode}: ${one.complaint()}`);
    if ((await readIfThere(ready)) !== undefined) throw new Error("the ready file is left behind");
    return `ready after ${(startedInMillis / 1000).toFixed(1)} s, page served, inference linked, ended when asked`;
  }

  async stop(): Promise<void> {
    for (const { child } of this.#started.toReversed()) await stopProcess(child, systemClock, { grace: stopLimit });
  }

  #inside(name: string): string {
    return join(this.#folder, name);
  }

  async #enrol(): Promise<void> {
    const authority = await createAuthority(this.#inside("authority"), systemClock);
    const centre = publicHalf(await newPrivateKey());
    const directory = this.#inside("identity");
    await enrolDevice({ authority, tenantId: "tenant", deviceId: "arm64", centre, directory });
  }

  #start(args: readonly string[]): Started {
    const { command, root } = this.#place;
    const [program = "", ...first] = command;
    const child = spawnBound(program, [...first, join(root, "cli", "candor.js"), ...args, "--bound"], {
      cwd: root,
      stdio: ["pipe", "ignore", "pipe"],
    });
    let told = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      told = (told + chunk.toString("utf8")).slice(-2000);
    });
    const started = { child, complaint: () => told.trim().split("\n").slice(-3).join(" · ") };
    this.#started.push(started);
    return started;
  }

  /** Waits as `eventually` does, but no longer than the process lives. */
  #until<T>(
    { child, complaint }: Started,
    what: string,
    look: () => Promise<T | undefined | false> | T | undefined | false,
  ): Promise<T> {
    return eventually({ what, limit: startLimit, pause: 200 }, () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${complaint()}`);
      return look();
    });
  }
}
