import type { z } from "zod";
import { emulatedButton } from "./button/emulated.ts";
import { evdevButton } from "./button/evdev.ts";
import { gpioButton } from "./button/gpio.ts";
import { emulatedCamera } from "./camera/emulated.ts";
import { gstreamerCamera } from "./camera/gstreamer.ts";
import { libcameraCamera } from "./camera/libcamera.ts";
import { v4l2Camera } from "./camera/v4l2.ts";
import { emulatedLed } from "./led/emulated.ts";
import { gpioLed } from "./led/gpio.ts";
import { rgbLed } from "./led/rgb.ts";
import { ringLed } from "./led/ring.ts";
import { sysfsLed } from "./led/sysfs.ts";
import { alsaMic } from "./mic/alsa.ts";
import { emulatedMic } from "./mic/emulated.ts";
import type { Kind } from "./port.ts";
import { backlightScreen } from "./screen/backlight.ts";
import { emulatedScreen } from "./screen/emulated.ts";
import { emulatedSensor } from "./sensor/emulated.ts";
import { hwmonSensor } from "./sensor/hwmon.ts";
import { jetsonSensor } from "./sensor/jetson.ts";
import { vcgencmdSensor } from "./sensor/vcgencmd.ts";
import { alsaSpeaker } from "./speaker/alsa.ts";
import { emulatedSpeaker } from "./speaker/emulated.ts";

/** Every driver, by kind and mechanism. A new mechanism is one file and one line here. */
export const drivers = {
  button: { emulated: emulatedButton, evdev: evdevButton, gpio: gpioButton },
  led: { emulated: emulatedLed, gpio: gpioLed, rgb: rgbLed, ring: ringLed, sysfs: sysfsLed },
  mic: { alsa: alsaMic, emulated: emulatedMic },
  camera: { emulated: emulatedCamera, gstreamer: gstreamerCamera, libcamera: libcameraCamera, v4l2: v4l2Camera },
  speaker: { alsa: alsaSpeaker, emulated: emulatedSpeaker },
  screen: { backlight: backlightScreen, emulated: emulatedScreen },
  sensor: { emulated: emulatedSensor, hwmon: hwmonSensor, jetson: jetsonSensor, vcgencmd: vcgencmdSensor },
} as const;

export type Drivers = typeof drivers;

/** A driver of this kind, named with its options: what a board says of one thing that is soldered to it. */
export type Mount<K extends Kind> = {
  [Mechanism in keyof Drivers[K]]: Drivers[K][Mechanism] extends { options: infer Options extends z.ZodObject }
    ? { driver: Mechanism; options: z.input<Options> }
    : never;
}[keyof Drivers[K]];

/** All that is mounted on a board. Buttons and lights go by the names the interview uses. */
export type Mounts = {
  mic: Mount<"mic">;
  camera: Mount<"camera">;
  /** A board without one shows its questions and reads nothing out. */
  speaker?: Mount<"speaker">;
  screen?: Mount<"screen">;
  /** What each says of the board is put together; the first that knows a reading counts. */
  sensors?: Readonly<Record<string, Mount<"sensor">>>;
  buttons: Readonly<Record<string, Mount<"button">>>;
  /** The recording light, and the agent's own where there is one ("status"). The first has a line for each capture process, wired to one lamp: a line has one holder. */
  leds: Readonly<Record<"recording-mic" | "recording-camera", Mount<"led">> & Record<string, Mount<"led">>>;
};
