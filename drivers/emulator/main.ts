import { join } from "node:path";
import { asFault } from "../../contracts/fault.ts";
import { type Channel, type ServedChannels, serveChannel } from "../../runtime/channel.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { endOfProcess, type Part, startParts } from "../../runtime/parts.ts";
import type { Readings } from "../port.ts";
import { Device } from "./device.ts";
import { Lamps } from "./lamps.ts";
import {
  type BoardState,
  type ControlRequest,
  controlRequest,
  type DriverRequest,
  driverRequest,
  picture,
  type ScreenRequest,
  sockets,
  sound,
} from "./protocol.ts";
import { decodeScene, emptyRoom, viewOf } from "./scene.ts";
import { decodeSound, Room } from "./sound.ts";
import { SpeakerDevice } from "./speaker.ts";

export type EmulatorOptions = {
  /** Folder of the sockets. */
  folder: string;
  /** Picture or clip of a face, shown as "face". */
  face: string;
  clock: Clock;
  log: Log;
};

/** Sound that waits for a slow reader before more is lost: 5 s; pictures: 3. */
const backlog = { mic: 5 * sound.sampleRate * 2, camera: (3 * picture.width * picture.height * 3) / 2 } as const;
const tickMillis = 20;
/** Longer than any contact chatters. */
const pressMillis = 50;
/** After a longer standstill of this process the board's time goes on from now. */
const longestStandstill = 5000;

type Asked<D extends ControlRequest["do"]> = Extract<ControlRequest, { do: D }>;
/** One for each request of a hand. */
type Deeds = { [D in ControlRequest["do"]]: (request: Asked<D>) => void | Promise<void> };

const wanted = ({ do: _, ...screen }: ScreenRequest): Partial<{ brightness: number; on: boolean }> => screen;

/** The hardware edge of the emulated board: a process of its own, which outlives whoever uses the board. */
export class EmulatedBoard implements Part {
  readonly name = "emulated board";
  readonly #options: EmulatorOptions;
  readonly #devices: { mic: Device; camera: Device; speaker: SpeakerDevice };
  readonly #room = new Room();
  readonly #lamps: Lamps;
  readonly #drivers = new Set<Channel<DriverRequest>>();
  #screen = { brightness: 1, on: true };
  /** A board at ease in a warm room. */
  #readings: Readings = { temperatureCelsius: 45, throttled: [], supplyVolts: 5.1 };
  readonly #controls = new Set<Channel<ControlRequest>>();
  #served: ServedChannels[] = [];
  #stopTicking: (() => void) | undefined;
  #shown: Buffer[] = [];
  #picture = "empty";
  #given = { since: 0, samples: 0, frames: 0 };

  constructor(options: EmulatorOptions) {
    this.#options = options;
    const at = (name: keyof typeof sockets): string => join(options.folder, sockets[name]);
    this.#devices = {
      mic: new Device(at("mic"), backlog.mic),
      camera: new Device(at("camera"), backlog.camera),
      speaker: new SpeakerDevice(at("speaker")),
    };
    this.#lamps = new Lamps((line, lit) =>
      this.#tell({ report: "led", line, lit, atMonotonic: options.clock.monotonic() }),
    );
  }

  async start(): Promise<void> {
    const { folder, clock } = this.#options;
    this.#shown = await emptyRoom();
    const path = (name: "board" | "control"): string => join(folder, sockets[name]);
    this.#served.push(
      await serveChannel({
        path: path("board"),
        incoming: driverRequest,
        onOpen: (channel) => this.#openDriver(channel),
      }),
    );
    for (const device of Object.values(this.#devices)) await device.plug();
    this.#given = { since: clock.monotonic(), samples: 0, frames: 0 };
    this.#stopTicking = clock.every(tickMillis, () => this.#tick());
    this.#served.push(
      await serveChannel({
        path: path("control"),
        incoming: controlRequest,
        onOpen: (channel) => this.#openControl(channel),
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopTicking?.();
    for (const served of this.#served.splice(0)) await served.close();
    for (const device of Object.values(this.#devices)) await device.unplug();
  }

  /** Gives what is due since the last tick, however late this tick is. */
  #tick(): void {
    const now = this.#options.clock.monotonic();
    const due = (rate: number): number => Math.floor(((now - this.#given.since) * rate) / 1000);
    const behind = now - this.#given.since - (this.#given.samples * 1000) / sound.sampleRate;
    if (behind > longestStandstill) this.#given = { since: now, samples: 0, frames: 0 };
    const samples = due(sound.sampleRate) - this.#given.samples;
    if (samples > 0) {
      this.#given.samples += samples;
      this.#devices.mic.deliver(this.#room.hear(samples, this.#devices.speaker.take(samples)));
    }
    for (; this.#given.frames < due(picture.framesPerSecond); this.#given.frames++)
      if (this.#devices.camera.holders > 0) this.#devices.camera.deliver(viewOf(this.#shown, this.#given.frames));
  }

  #tell(report: object): void {
    for (const channel of this.#controls) channel.send(report);
  }

  #openDriver(channel: Channel<DriverRequest>): void {
    this.#drivers.add(channel);
    channel.send({ event: "readings", readings: this.#readings });
    channel.send({ event: "welcome" });
    channel.onMessage((request) => {
      if (request.do === "led") this.#lamps.show(channel, request);
      else this.#screen = { ...this.#screen, ...wanted(request) };
    });
    channel.onFault((fault) => this.#options.log.warn({ err: fault }, "a driver sent what the board does not know"));
    void channel.closed.then(() => {
      this.#drivers.delete(channel);
      this.#lamps.release(channel);
    });
  }

  #openControl(channel: Channel<ControlRequest>): void {
    this.#controls.add(channel);
    channel.onFault((fault) => this.#options.log.warn({ err: fault }, "a control sent what the board does not know"));
    channel.onMessage((request) => void this.#answer(channel, request));
    void channel.closed.then(() => this.#controls.delete(channel));
  }

  async #answer(channel: Channel<ControlRequest>, request: ControlRequest): Promise<void> {
    try {
      await this.#do(request, channel);
      channel.send({ report: "done", ask: request.ask, state: this.#state() });
    } catch (error) {
      const fault = asFault(error);
      this.#options.log.warn({ err: fault, do: request.do }, "a request to the emulated board was refused");
      channel.send({ report: "refused", ask: request.ask, fault: fault.code, message: fault.message });
    }
  }

  async #do(request: ControlRequest, channel: Channel<ControlRequest>): Promise<void> {
    const deeds: Deeds = {
      press: ({ button }) => this.#press(button),
      contact: ({ button, closed }) => this.#contact(button, closed),
      play: (play) => this.#play(play, channel),
      stopPlaying: () => this.#room.stop(),
      show: (show) => this.#show(show),
      vanish: ({ device }) => this.#devices[device].unplug(),
      stall: ({ device }) => this.#devices[device].stall(),
      busy: ({ device }) => this.#devices[device].occupy(),
      return: ({ device }) => this.#devices[device].plug(),
      echo: ({ share }) => {
        this.#room.echoShare = share;
      },
      noise: ({ dbfs }) => this.#room.setNoise(dbfs),
      gain: ({ decibels }) => this.#room.setGain(decibels),
      sense: (sensed) => this.#sense(sensed),
      state: () => undefined,
    };
    await (deeds[request.do] as (request: ControlRequest) => void | Promise<void>)(request);
  }

  #sense({ do: _, ask: __, ...sensed }: Asked<"sense">): void {
    this.#readings = { ...this.#readings, ...sensed };
    for (const driver of this.#drivers) driver.send({ event: "readings", readings: this.#readings });
  }

  /** A short press: the finger is up again when this resolves. */
  async #press(button: string): Promise<void> {
    this.#contact(button, true);
    await this.#options.clock.sleep(pressMillis);
    this.#contact(button, false);
  }

  #contact(button: string, closed: boolean): void {
    for (const driver of this.#drivers)
      driver.send({ event: "contact", button, closed, atMonotonic: this.#options.clock.monotonic() });
  }

  async #play({ files, ask }: Asked<"play">, channel: Channel<ControlRequest>): Promise<void> {
    const clips = await Promise.all(files.map((file) => decodeSound(file)));
    const whole = new Int16Array(clips.reduce((length, clip) => length + clip.length, 0));
    let at = 0;
    for (const clip of clips) {
      whole.set(clip, at);
      at += clip.length;
    }
    const { clock } = this.#options;
    this.#room.play(whole, (interrupted) =>
      channel.send({ report: "played", ask, interrupted, atMonotonic: clock.monotonic() }),
    );
  }

  async #show({ picture: wanted, fit }: Asked<"show">): Promise<void> {
    if (wanted === "empty") this.#shown = await emptyRoom();
    else if (wanted === "face") this.#shown = await decodeScene(this.#options.face, "cover");
    else this.#shown = await decodeScene(wanted, fit);
    this.#picture = wanted;
  }

  #state(): BoardState {
    const { mic, camera, speaker } = this.#devices;
    const holders = { mic: mic.holders, camera: camera.holders, speaker: speaker.holders };
    return {
      leds: this.#lamps.all,
      holders,
      playing: this.#room.playing,
      picture: this.#picture,
      heard: speaker.heard,
      screen: this.#screen,
    };
  }
}

/** The emulated board until a signal, or the end of standard input, asks it to end. */
export async function runEmulator(options: EmulatorOptions & { bound: boolean }): Promise<void> {
  const ended = endOfProcess({ bound: options.bound });
  const running = await startParts([new EmulatedBoard(options)], options.log);
  options.log.info({ folder: options.folder }, "the emulated board is there");
  options.log.info({ reason: await ended }, "the emulated board goes");
  await running.stop();
  // An open standard input would keep the process.
}
