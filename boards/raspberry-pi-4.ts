import type { Board } from "./board.ts";
import { headerMounts, raspberryPiHeader } from "./header.ts";

const header = headerMounts(raspberryPiHeader("pinctrl-bcm2711"));

export const raspberryPi4 = {
  name: "raspberry-pi-4",
  summary: "Raspberry Pi 4 B: camera on CSI, microphone and loudspeaker by USB, buttons and lights on the header",
  recognisedBy: {
    deviceTree: ["raspberrypi,4-model-b"],
    source: "Linux, arch/arm/boot/dts/broadcom/bcm2711-rpi-4-b.dts",
  },
  mounts: {
    ...header,
    camera: { driver: "libcamera", options: {} },
    mic: { driver: "alsa", options: { device: "hw:CARD=Device,DEV=0" } },
    speaker: { driver: "alsa", options: { device: "plughw:CARD=Device,DEV=0" } },
    screen: { driver: "backlight", options: {} },
    sensors: { firmware: { driver: "vcgencmd", options: {} }, kernel: { driver: "hwmon", options: {} } },
  },
  profile: {
    pictures: [
      { width: 1280, height: 720, framesPerSecond: 15 },
      { width: 640, height: 480, framesPerSecond: 15 },
      { width: 640, height: 480, framesPerSecond: 10 },
    ],
    // Its V4L2 encoder (v4l2h264enc) is there, and untried: mount camera/gstreamer to use it.
    encoder: "x264",
    recognisers: ["whisper-base", "whisper-tiny-en"],
    engines: { recogniser: [{ provider: "cpu", state: "tried" }] },
  },
  thermal: {
    warnCelsius: 80,
    restCelsius: 84,
    source:
      "Raspberry Pi documentation, frequency management and thermal control: throttled from 80 °C, fully at 85 °C",
  },
} as const satisfies Board;
