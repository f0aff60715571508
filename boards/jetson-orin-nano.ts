import type { Board } from "./board.ts";
import { headerMounts } from "./header.ts";

/** Lines of the developer kit's 40-pin header: NVIDIA's Jetson.GPIO, gpio_pin_data.py, JETSON_ORIN_NX_PIN_DEFS. */
const header = headerMounts({
  chip: "tegra234-gpio",
  buttons: { start: 112, repeat: 122, help: 85, A: 105, B: 106, C: 43, D: 124 },
  recording: { mic: 126, camera: 125 },
  status: { red: 41, green: 113, blue: 123 },
});

export const jetsonOrinNano = {
  name: "jetson-orin-nano",
  summary:
    "NVIDIA Jetson Orin Nano developer kit: USB camera, microphone and loudspeaker, buttons and lights on the header",
  recognisedBy: {
    deviceTree: ["nvidia,p3768-0000+p3767-0003*", "nvidia,p3768-0000+p3767-0004*", "nvidia,p3768-0000+p3767-0005*"],
    source:
      "Linux, Documentation/devicetree/bindings/arm/tegra.yaml; Jetson.GPIO, gpio_pin_data.py, compats_jetson_orins_nano",
  },
  mounts: {
    ...header,
    camera: { driver: "v4l2", options: { device: "/dev/video0" } },
    mic: { driver: "alsa", options: { device: "hw:CARD=Device,DEV=0" } },
    speaker: { driver: "alsa", options: { device: "plughw:CARD=Device,DEV=0" } },
    sensors: { module: { driver: "jetson", options: {} } },
  },
  profile: {
    pictures: [
      { width: 1280, height: 720, framesPerSecond: 15 },
      { width: 640, height: 480, framesPerSecond: 15 },
      { width: 640, height: 480, framesPerSecond: 10 },
    ],
    // The Orin Nano has no hardware encoder.
    encoder: "x264",
    recognisers: ["whisper-base", "whisper-tiny-en"],
    engines: {
      recogniser: [
        { provider: "cpu", state: "tried" },
        { provider: "cuda", state: "untried", remedy: "docs/decisions/0014-boards-as-data.md says what is missing" },
      ],
    },
  },
  thermal: {
    warnCelsius: 85,
    restCelsius: 95,
    source: "our choice, below the trip points of the module's thermal zones (/sys/class/thermal/*/trip_point_*)",
  },
} as const satisfies Board;
