import type { Board } from "./board.ts";

export const emulated = {
  name: "emulated",
  summary: "No hardware: every part is served by the emulated board process over Unix sockets",
  recognisedBy: "name",
  mounts: {
    mic: { driver: "emulated", options: {} },
    camera: { driver: "emulated", options: {} },
    speaker: { driver: "emulated", options: {} },
    screen: { driver: "emulated", options: {} },
    sensors: { board: { driver: "emulated", options: {} } },
    buttons: {
      start: { driver: "emulated", options: { button: "start" } },
      repeat: { driver: "emulated", options: { button: "repeat" } },
      help: { driver: "emulated", options: { button: "help" } },
      A: { driver: "emulated", options: { button: "A" } },
      B: { driver: "emulated", options: { button: "B" } },
      C: { driver: "emulated", options: { button: "C" } },
      D: { driver: "emulated", options: { button: "D" } },
    },
    leds: {
      "recording-mic": { driver: "emulated", options: { line: "recording-mic" } },
      "recording-camera": { driver: "emulated", options: { line: "recording-camera" } },
      status: { driver: "emulated", options: { line: "status" } },
    },
  },
  profile: {
    pictures: [{ width: 640, height: 480, framesPerSecond: 10 }],
    encoder: "x264",
    recognisers: ["whisper-base", "whisper-tiny-en"],
    engines: { recogniser: [{ provider: "cpu", state: "tried" }] },
  },
  thermal: { warnCelsius: 75, restCelsius: 85, source: "chosen: what a passively cooled board may bear" },
} as const satisfies Board;
