import type { Mounts } from "../drivers/registry.ts";

type ButtonName = "start" | "repeat" | "help" | "A" | "B" | "C" | "D";

/** What is wired to a board's pin header: lines of one GPIO chip, as docs/wiring.md shows them. */
export type Header = {
  /** The chip's label, which stays when its number changes from kernel to kernel. */
  readonly chip: string;
  readonly buttons: Readonly<Record<ButtonName, number>>;
  /** Two lines of the recording lamp, one for each capture process. */
  readonly recording: { readonly mic: number; readonly camera: number };
  readonly status: { readonly red: number; readonly green: number; readonly blue: number };
};

/** Buttons and lights of a pin header as mounts. */
export function headerMounts({ chip, buttons, recording, status }: Header): Pick<Mounts, "buttons" | "leds"> {
  const button = (line: number): Mounts["buttons"][string] => ({ driver: "gpio", options: { chip, line } });
  const lamp = (line: number): Mounts["leds"]["recording-mic"] => ({ driver: "gpio", options: { chip, line } });
  return {
    buttons: {
      start: button(buttons.start),
      repeat: button(buttons.repeat),
      help: button(buttons.help),
      A: button(buttons.A),
      B: button(buttons.B),
      C: button(buttons.C),
      D: button(buttons.D),
    },
    leds: {
      "recording-mic": lamp(recording.mic),
      "recording-camera": lamp(recording.camera),
      status: { driver: "rgb", options: { chip, lines: status } },
    },
  };
}

/** The 40-pin header of every Raspberry Pi, by BCM numbers. */
export const raspberryPiHeader = (chip: string): Header => ({
  chip,
  buttons: { start: 17, repeat: 27, help: 22, A: 5, B: 6, C: 13, D: 26 },
  recording: { mic: 23, camera: 24 },
  status: { red: 12, green: 16, blue: 25 },
});
