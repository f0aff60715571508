import { statfs } from "node:fs/promises";
import { clockSynchronised } from "../../agent/board.ts";
import type { Thermal } from "../../boards/board.ts";
import { openMount } from "../../drivers/mount.ts";
import type { Mount } from "../../drivers/registry.ts";
import { type GateResult, judge } from "./gates.ts";
import { type Found, type PartTest, type TestContext, using } from "./part.ts";

const megabyte = 1_000_000;

/** What the machine around the parts says; tests put their own in. */
export type Surroundings = {
  freeBytes: (folder: string) => Promise<number>;
  /** Whether the system clock follows a time server; undefined where nothing here knows. */
  clockSynchronised: () => Promise<boolean | undefined>;
};

export const machine: Surroundings = {
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  clockSynchronised,
};

export function sensorTest(
  name: string,
  mount: Mount<"sensor">,
  { thermal, ...context }: TestContext & { thermal?: Thermal | undefined },
): PartTest {
  return {
    part: `sensor ${name}`,
    late: "sensor.lost",
    test: () =>
      using(openMount("sensor", mount, context), async (sensor): Promise<Found> => {
        const { temperatureCelsius, throttled, supplyVolts, fanRpm } = await sensor.read();
        const gates: GateResult[] = [];
        const most = thermal === undefined ? {} : { most: thermal.warnCelsius };
        if (temperatureCelsius !== undefined) gates.push(judge("board.temperature", temperatureCelsius, most));
        if (throttled !== undefined) gates.push(judge("board.throttled", throttled.length));
        return {
          gates,
          figures: {
            ...(throttled === undefined || throttled.length === 0 ? {} : { throttled: throttled.join(", ") }),
            ...(supplyVolts === undefined ? {} : { supplyVolts }),
            ...(fanRpm === undefined ? {} : { fanRpm }),
          },
        };
      }),
  };
}

/** The display's light is set to full; a person sees whether it shines. */
export function screenTest(mount: Mount<"screen">, context: TestContext): PartTest {
  return {
    part: "screen",
    late: "screen.stalled",
    test: () =>
      using(openMount("screen", mount, context), async (display): Promise<Found> => {
        await display.setPower(true);
        await display.setBrightness(1);
        return {};
      }),
  };
}

export function diskTest(folder: string, { freeBytes }: Surroundings): PartTest {
  return {
    part: "disk",
    late: "file.unreadable",
    test: async (): Promise<Found> => {
      const free = await freeBytes(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
      });
      if (free === undefined) return { skip: `${folder} is not there yet: the agent makes it` };
      return { gates: [judge("disk.free", free / megabyte)] };
    },
  };
}

export function clockTest({ clockSynchronised }: Surroundings): PartTest {
  return {
    part: "clock",
    late: "process.stuck",
    test: async (): Promise<Found> => {
      const synchronised = await clockSynchronised();
      if (synchronised === undefined) return { skip: "neither systemd-timesyncd nor timedatectl is here to ask" };
      return { gates: [judge("clock.synchronised", synchronised ? 1 : 0)] };
    },
  };
}
