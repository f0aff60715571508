import type { FaultCode } from "../../contracts/fault.ts";

/** A figure with its limits. `reason` says why this number, `remedy` what a person at the device does when it fails. */
type Gate = {
  readonly unit: string;
  readonly least?: number;
  readonly most?: number;
  readonly reason: string;
  readonly remedy: string;
};

export const gates = {
  "camera.rate": {
    unit: "of the promised rate",
    least: 0.8,
    reason: "a fifth of the pictures missing is seen as stutter, and hides movements",
    remedy: "use a USB 3 port without a hub, more light (a dark room makes cameras slow), or a smaller picture",
  },
  "camera.brightness": {
    unit: "mean luma of 255",
    least: 40,
    most: 220,
    reason: "outside of it faces lie in the lowest or highest sixth of the scale, where 8 bits hold little of them",
    remedy: "switch the room's light on, turn the camera away from window or lamp, or set the exposure",
  },
  "camera.burnt": {
    unit: "of the pixels white",
    most: 0.3,
    reason: "a third of the picture without any drawing is a window or a lamp in view",
    remedy: "turn the camera away from window or lamp",
  },
  "camera.focus": {
    unit: "variance of the Laplacian at 320 columns",
    least: 40,
    reason:
      "measured on the test portrait through the emulated camera: 453 in focus, 37 blurred by 3 pixels, 12 a bare wall with sensor noise",
    remedy:
      "clean the lens, take its cover off, focus it; a bare wall in view has nothing to focus on: aim at the chair",
  },
  "camera.framing": {
    unit: "faces well in the picture",
    least: 1,
    most: 1,
    reason: "one face, 0.1 to 0.55 of the width, within 0.25 of the middle, as the page's framing prompt wants it",
    remedy: "let one person sit where candidates sit, and aim the camera at the face",
  },
  "mic.alive": {
    unit: "dBFS, noise floor",
    least: -90,
    reason: "air is never as still as that: the microphone is muted or cut off",
    remedy: "unmute it (alsamixer, or a switch on it) and check its plug",
  },
  "mic.noise": {
    unit: "dBFS, noise floor",
    most: -45,
    reason: "the gain is to be set so that speech comes at -25 dBFS; 20 dB below it leaves what mic.snr asks for",
    remedy: "close doors and windows, switch fans off, or lower the gain (alsamixer)",
  },
  "mic.clipping": {
    unit: "of the samples",
    most: 0.001,
    reason: "from a thousandth on clipping is heard, and spoils sibilants for the recogniser",
    remedy: "lower the microphone's gain (alsamixer)",
  },
  "mic.offset": {
    unit: "of full scale",
    most: 0.02,
    reason: "a constant offset takes room from loud speech and is a sign of a broken input",
    remedy: "use another input or sound card",
  },
  "mic.snr": {
    unit: "dB over the noise floor",
    least: 20,
    reason: "voice activity was measured to hold down to about 1.4 dB; the rest is the margin of a soft voice",
    remedy: "move the microphone nearer to the chair, raise its gain, or quieten the room",
  },
  "speaker.heard": {
    unit: "correlation with the chirp",
    least: 0.2,
    reason:
      "measured on made sound: noise alone reaches 0.06 in 20 tries, a simulated room with an echo of 0.6 s leaves 0.28",
    remedy: "switch the loudspeaker on, turn it up, and check that it is the one the board names",
  },
  "board.temperature": {
    unit: "°C",
    most: 80,
    reason: "the board's own limit where its data names one",
    remedy: "free the air slots, and check the fan",
  },
  "board.throttled": {
    unit: "reasons",
    most: 0,
    reason: "a board that slows itself down drops pictures and text first",
    remedy: "use the board's own power supply and a short cable; cool the board",
  },
  "disk.free": {
    unit: "MB",
    least: 1024,
    reason:
      "a minute of answer took 12 MB on the emulated board (docs/decisions/0008): well over an hour; a full disk stops recording",
    remedy: "let delivered recordings go (retention), or use a larger card",
  },
  "buttons.pressed": {
    unit: "of the buttons",
    least: 1,
    reason: "each button was asked for while its light showed help",
    remedy: "check the wiring against docs/wiring.md: line, ground, and the board's options",
  },
  "clock.synchronised": {
    unit: "yes is 1",
    least: 1,
    reason: "stamps of consent and records are read by people and courts",
    remedy: "enable systemd-timesyncd or chrony, and let the device reach a time server of your site",
  },
} as const satisfies Record<string, Gate>;
export type GateName = keyof typeof gates;

export type GateResult = {
  gate: GateName;
  measured: number;
  unit: string;
  least?: number;
  most?: number;
  passed: boolean;
  /** What to do; only of a gate that failed. */
  remedy?: string;
};

/** Whether the figure lies within its gate. `limits`: the board's own, where its data names one. */
export function judge(gate: GateName, measured: number, limits: { least?: number; most?: number } = {}): GateResult {
  const { unit, remedy, least, most }: Gate = { ...gates[gate], ...limits };
  const passed = measured >= (least ?? Number.NEGATIVE_INFINITY) && measured <= (most ?? Number.POSITIVE_INFINITY);
  return {
    gate,
    measured: Math.round(measured * 1000) / 1000,
    unit,
    ...(least === undefined ? {} : { least }),
    ...(most === undefined ? {} : { most }),
    passed,
    ...(passed ? {} : { remedy }),
  };
}

type Failure = "missing" | "busy" | "permission" | "format" | "stalled" | "lost" | "stuck";
const afterFault: Record<Failure, string> = {
  missing: "check that it is plugged in, and that the board's options name it",
  busy: "another process holds it: stop it (candor-agent and its capture processes hold camera and microphone)",
  permission: "run as user candor, and install systemd/udev/70-candor.rules and systemd/candor.sysusers",
  format: "use a device that offers one of the formats named, or another size in the board's options",
  stalled: "unplug it and plug it in again; a hub or cable that is weak does this",
  lost: "check cable and plug: it went away while it was open",
  stuck: "free the button: its contact stays closed",
};

/** What to do after this fault of a part. */
export function remedyOf(code: FaultCode): string {
  const failure = code.split(".")[1] ?? "";
  return Object.hasOwn(afterFault, failure)
    ? afterFault[failure as Failure]
    : "see the sentence of the fault; the log of the part says more";
}
