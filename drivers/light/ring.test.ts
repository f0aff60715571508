import t from "tap";
import { Fault } from "../../contracts/fault.ts";
import { seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { TestClock } from "../../test/rigs/agent.ts";
import { ledConformance } from "../led/conformance.ts";
import { ringLed } from "../led/ring.ts";
import { lightOf } from "./lamp.ts";
import { ringLamp, type Wire } from "./ring.ts";
import { ringPixels, ws2812Bytes } from "./ws2812.ts";

const zero = [0b10010010, 0b01001001, 0b00100100];
const full = [0b11011011, 0b01101101, 0b10110110];
const latch = Array.from({ length: 90 }, () => 0);

/** A bus in memory: what was sent last, and whether it is there. */
class Bus implements Wire {
  sent: Buffer[] = [];
  there = true;
  open = true;

  send(bytes: Buffer): void {
    this.ask();
    this.sent.push(bytes);
  }

  ask(): void {
    if (!this.there) throw new Error("the bus is gone");
  }

  close(): void {
    this.open = false;
  }

  get isLit(): boolean {
    return this.sent.length > 0 && !this.sent.at(-1)?.equals(dark);
  }
}
const dark = ws2812Bytes(Array(2).fill({ red: 0, green: 0, blue: 0 }), 1);

t.test("each bit is three of the bus's, green first, with 300 µs of low behind the last pixel", async (t) => {
  const red = { red: 1, green: 0, blue: 0 };
  const blue = { red: 0, green: 0, blue: 1 };
  t.strictSame([...ws2812Bytes([red, blue], 1)], [...zero, ...full, ...zero, ...zero, ...zero, ...full, ...latch]);
  // 0x80: its highest bit only.
  t.strictSame(
    [...ws2812Bytes([{ red: 0, green: 1, blue: 0 }], 128 / 255)],
    [0b11010010, 0b01001001, 0b00100100, ...zero, ...zero, ...latch],
  );
});

t.test("a turning point goes round once, with a tail of a third behind it", async (t) => {
  const shares = (turn: number) =>
    ringPixels({ colour: { red: 0, green: 0, blue: 1 }, turn }, 6).map(({ blue }) => blue);
  t.strictSame(shares(0), [1, 0, 0, 0, 0, 0.5]);
  t.strictSame(shares(0.5), [0, 0, 0.5, 1, 0, 0]);
});

ledConformance(
  t,
  async () => {
    const bus = new Bus();
    return {
      open: async () => {
        if (!bus.there) throw new Fault("led.missing", "the bus is gone");
        return lightOf(ringLamp(bus, { pixels: 2, brightness: 1 }, systemClock), systemClock);
      },
      isLit: async () => bus.isLit,
      unplug: async () => {
        bus.there = false;
      },
      close: async () => undefined,
    };
  },
  "listening",
);

t.test("shows no recording: it would keep its picture after its process", async (t) => {
  const bus = new Bus();
  const led = lightOf(ringLamp(bus, { pixels: 2, brightness: 1 }, new TestClock()), new TestClock());
  const lost: string[] = [];
  led.onLost(({ code }) => lost.push(code));
  led.show("recording");
  await Promise.resolve();
  t.strictSame(lost, ["led.format"]);
  t.notOk(bus.isLit);
  t.notOk(bus.open);
});

t.test("a ring that thinks is painted every 50 ms", async (t) => {
  const [bus, clock] = [new Bus(), new TestClock()];
  const led = lightOf(ringLamp(bus, { pixels: 12, brightness: 1 }, clock), clock);
  led.show("thinking");
  await clock.pass(seconds(1));
  t.equal(bus.sent.length, 21);
  led.close();
});

t.test("says of a bus that is not there where to switch it on", async (t) => {
  const options = ringLed.options.parse({ bus: 99 });
  await t.rejects(ringLed.open(options, { clock: systemClock, log: silentLog() }), {
    code: "led.missing",
    message: /spidev99\.0/,
  });
});
