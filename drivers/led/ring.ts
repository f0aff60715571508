import { accessSync } from "node:fs";
import type { SpiDevice } from "spi-device";
import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { errnoOf } from "../errno.ts";
import { lightOf } from "../light/lamp.ts";
import { ringLamp, type Wire } from "../light/ring.ts";
import { ws2812Hertz } from "../light/ws2812.ts";
import { type DriverContext, defineDriver, type Led } from "../port.ts";

const options = z.strictObject({
  /** The numbers of /dev/spidev0.1: its bus and its device. */
  bus: z.int().min(0).default(0),
  device: z.int().min(0).default(0),
  /** The kernel takes 4096 bytes at once, and a pixel has nine. */
  pixels: z.int().min(1).max(400).default(12),
  /** Of full brightness, which takes 60 mA a pixel: more than a board's 5 V pin gives. */
  brightness: z.number().min(0).max(1).default(0.2),
});
type Options = z.output<typeof options>;

const path = ({ bus, device }: Options): string => `/dev/spidev${bus}.${device}`;

function refused(given: Options, cause: unknown): Fault {
  const what = path(given);
  switch (errnoOf(cause)) {
    case "EACCES":
    case "EPERM":
      return new Fault("led.permission", `${what} may not be opened: install the udev rules and join group "spi"`, {
        cause,
      });
    case "EBUSY":
      return new Fault("led.busy", `${what} is held by another process: stop it`, { cause });
    default:
      return new Fault("led.missing", `there is no ${what}: switch SPI on in the boot configuration`, { cause });
  }
}

function wireOf(spi: SpiDevice, given: Options): Wire {
  return {
    send: (sendBuffer) => {
      spi.transferSync([{ byteLength: sendBuffer.length, sendBuffer, speedHz: ws2812Hertz }]);
    },
    ask: () => accessSync(path(given)),
    close: () => spi.closeSync(),
  };
}

/** @throws Fault led.missing, led.busy, led.permission */
async function openRing(given: Options, { clock }: DriverContext): Promise<Led> {
  let wire: Wire;
  try {
    // Only who has a ring pays for loading it; where it was not built there is no ring either.
    const { default: spi } = await import("spi-device");
    wire = wireOf(spi.openSync(given.bus, given.device, { maxSpeedHz: ws2812Hertz }), given);
  } catch (error) {
    throw refused(given, error);
  }
  const led = lightOf(ringLamp(wire, given, clock), clock);
  // A ring that was left lit is dark until it is shown something.
  led.show("off");
  return led;
}

export const ringLed = defineDriver({
  kind: "led",
  summary: "A ring of WS2812 on an SPI bus; keeps its picture when its process dies, so it shows no recording",
  options,
  open: openRing,
});
