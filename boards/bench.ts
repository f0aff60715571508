import type { Board } from "./board.ts";

/** Software emulation on a busy machine stands still for seconds. */
const stallMillis = 15_000;

/** Names as in test/hil/contract.ts. */
const chip = "candor-sim";
const button = (line: number) => ({ driver: "gpio", options: { chip, line } }) as const;

export const bench = {
  name: "bench",
  summary: "The machine of the tests: no hardware, but the kernel's own drivers for it (test/hil)",
  recognisedBy: "name",
  mounts: {
    mic: { driver: "alsa", options: { device: "hw:CARD=Microphone,DEV=1", stallMillis } },
    camera: {
      driver: "v4l2",
      options: { device: "/dev/candor-camera", picture: { width: 320, height: 240, framesPerSecond: 5 }, stallMillis },
    },
    buttons: {
      start: button(0),
      repeat: button(1),
      help: button(2),
      A: button(3),
      B: button(4),
      C: button(5),
      D: button(6),
    },
    leds: {
      "recording-mic": { driver: "gpio", options: { chip, line: 8 } },
      "recording-camera": { driver: "gpio", options: { chip, line: 9 } },
    },
  },
  profile: {
    pictures: [{ width: 320, height: 240, framesPerSecond: 5 }],
    encoder: "x264",
    recognisers: ["whisper-tiny-en"],
    engines: { recogniser: [{ provider: "cpu", state: "tried" }] },
  },
} as const satisfies Board;
