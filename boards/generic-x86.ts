import type { Board } from "./board.ts";

/** A USB module with Microchip's MCP2221A; the label is the kernel driver's (drivers/hid/hid-mcp2221.c). */
const chip = "mcp2221_gpio";

/** The udev rules give the USB button box this name. */
const button = (key: string) => ({ driver: "evdev", options: { device: "/dev/input/candor-buttons", key } }) as const;

export const genericX86 = {
  name: "generic-x86",
  summary:
    "Any PC: USB camera and microphone, a USB button box that is a keyboard, lights on a USB module of GPIO lines",
  recognisedBy: {
    dmi: true,
    source: "Linux, Documentation/ABI/testing/sysfs-firmware-dmi-entries; DMI is what PC firmware has",
  },
  mounts: {
    camera: { driver: "v4l2", options: { device: "/dev/video0" } },
    mic: { driver: "alsa", options: { device: "default" } },
    speaker: { driver: "alsa", options: { device: "default" } },
    screen: { driver: "backlight", options: {} },
    sensors: { kernel: { driver: "hwmon", options: {} } },
    buttons: {
      start: button("KEY_ENTER"),
      repeat: button("KEY_R"),
      help: button("KEY_H"),
      A: button("KEY_A"),
      B: button("KEY_B"),
      C: button("KEY_C"),
      D: button("KEY_D"),
    },
    leds: {
      "recording-mic": { driver: "gpio", options: { chip, line: 0 } },
      "recording-camera": { driver: "gpio", options: { chip, line: 1 } },
      status: { driver: "gpio", options: { chip, line: 2 } },
    },
  },
  profile: {
    pictures: [
      { width: 1280, height: 720, framesPerSecond: 15 },
      { width: 640, height: 480, framesPerSecond: 15 },
      { width: 640, height: 480, framesPerSecond: 10 },
    ],
    encoder: "x264",
    recognisers: ["whisper-base", "whisper-tiny-en"],
    engines: { recogniser: [{ provider: "cpu", state: "tried" }] },
  },
  thermal: {
    warnCelsius: 85,
    restCelsius: 95,
    source: "our choice, below the 100 °C at which most PC processors slow down",
  },
} as const satisfies Board;
