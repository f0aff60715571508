import { join } from "node:path";
import { Fault, type FaultCode, faults } from "../../contracts/fault.ts";
import type { Millis } from "../../contracts/units.ts";
import { connectChannel } from "../../runtime/channel.ts";
import type { Clock } from "../../runtime/clock.ts";
import { systemClock } from "../../runtime/clock.ts";
import { retry, retryPolicies } from "../../runtime/retry.ts";
import type { Readings } from "../port.ts";
import { type BoardState, type ControlReport, controlReport, type Device, sockets } from "./protocol.ts";

export type Played = { interrupted: boolean; atMonotonic: Millis };
export type LedChange = { line: string; lit: boolean; atMonotonic: Millis };

/** The hand, voice and face before an emulated board. Every call rejects with `peer.unreachable` once the board is gone. */
export interface Emulator {
  press(button: string): Promise<void>;
  /** Closes or opens the button's contact. */
  contact(button: string, closed: boolean): Promise<void>;
  /** Resolves when the last sample was sent, or the playing was interrupted. Files that ffmpeg reads. */
  play(...files: string[]): Promise<Played>;
  stopPlaying(): Promise<void>;
  /** "empty", "face", or a picture or clip: `contain` (as a sheet held before the camera) unless told `cover`. */
  show(picture: string, fit?: "contain" | "cover"): Promise<void>;
  vanish(device: Device): Promise<void>;
  stall(device: Device): Promise<void>;
  /** Whoever holds it keeps it; nobody can open it. */
  busy(device: Device): Promise<void>;
  /** After `vanish`, `stall` or `busy`: there again. */
  comeBack(device: Device): Promise<void>;
  /** The share (0 to 1) of the speaker's sound that the microphone hears. */
  echo(share: number): Promise<void>;
  /** Root mean square of the room's noise. */
  noise(dbfs: number): Promise<void>;
  /** Of the microphone: what is too loud is clipped. */
  gain(decibels: number): Promise<void>;
  /** What the sensors read from now on; what is not named stays. */
  sense(readings: Readings): Promise<void>;
  state(): Promise<BoardState>;
  onLed(handler: (change: LedChange) => void): void;
  readonly closed: Promise<void>;
  close(): void;
}

type Waiting = { done?: (state: BoardState) => void; fail: (error: Error) => void; played?: (played: Played) => void };

const codeOf = (text: string): FaultCode => (Object.hasOwn(faults, text) ? (text as FaultCode) : "internal");

/** The asks that wait for an answer, and for the end of a clip. */
class Asks {
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  add(waiting: Waiting): number {
    this.#waiting.set(++this.#last, waiting);
    return this.#last;
  }

  settle(report: Exclude<ControlReport, { report: "led" }>): void {
    const waiting = this.#waiting.get(report.ask);
    if (report.report === "done") waiting?.done?.(report.state);
    else if (report.report === "played")
      waiting?.played?.({ interrupted: report.interrupted, atMonotonic: report.atMonotonic });
    else waiting?.fail(new Fault(codeOf(report.fault), report.message));
    if (report.report !== "done" || waiting?.played === undefined) this.#waiting.delete(report.ask);
  }

  failAll(fault: Fault): void {
    for (const waiting of this.#waiting.values()) waiting.fail(fault);
    this.#waiting.clear();
  }
}

/** Connects to the board in `folder`, waiting some seconds for it to appear. @throws Fault peer.unreachable */
export async function connectEmulator(folder: string, clock: Clock = systemClock): Promise<Emulator> {
  const path = join(folder, sockets.control);
  const channel = await retry(retryPolicies.connect, { clock }, () =>
    connectChannel({ path, incoming: controlReport }),
  );
  const asks = new Asks();
  const onLed: ((change: LedChange) => void)[] = [];
  let gone = false;
  channel.onMessage((report) => {
    if (report.report === "led") for (const handler of onLed) handler(report);
    else asks.settle(report);
  });
  const unreachable = (): Fault => new Fault("peer.unreachable", `the emulated board in ${folder} is gone`);
  void channel.closed.then(() => {
    gone = true;
    asks.failAll(unreachable());
  });
  const send = (request: object, waiting: Waiting): void => {
    if (gone) waiting.fail(unreachable());
    else channel.send({ ...request, ask: asks.add(waiting) });
  };
  const ask = (request: object): Promise<BoardState> => new Promise((done, fail) => send(request, { done, fail }));
  const just = async (request: object): Promise<void> => {
    await ask(request);
  };
  return {
    press: (button) => just({ do: "press", button }),
    contact: (button, closed) => just({ do: "contact", button, closed }),
    play: (...files) => new Promise((played, fail) => send({ do: "play", files }, { played, fail })),
    stopPlaying: () => just({ do: "stopPlaying" }),
    show: (picture, fit) => just({ do: "show", picture, ...(fit === undefined ? {} : { fit }) }),
    vanish: (device) => just({ do: "vanish", device }),
    stall: (device) => just({ do: "stall", device }),
    comeBack: (device) => just({ do: "return", device }),
    busy: (device) => just({ do: "busy", device }),
    noise: (dbfs) => just({ do: "noise", dbfs }),
    gain: (decibels) => just({ do: "gain", decibels }),
    sense: (readings) => just({ do: "sense", ...readings }),
    echo: (share) => just({ do: "echo", share }),
    state: () => ask({ do: "state" }),
    onLed: (handler) => onLed.push(handler),
    closed: channel.closed,
    close: () => channel.close(),
  };
}
