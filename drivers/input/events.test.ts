import t from "tap";
import { parseDevices } from "./devices.ts";
import { monotonicOf, parseEvents } from "./events.ts";
import { keyCodes } from "./keys.ts";

t.test("takes keys out of a 64-bit kernel's events, and leaves what is of another kind", async (t) => {
  const bytes = Buffer.from(
    [
      // 1700000000.250000, EV_MSC: a scan code.
      "00f1536500000000 90d0030000000000 0400 0400 28000700",
      // EV_KEY, KEY_ENTER, pressed.
      "00f1536500000000 90d0030000000000 0100 1c00 01000000",
      "00f1536500000000 90d0030000000000 0000 0000 00000000",
    ]
      .join("")
      .replaceAll(" ", ""),
    "hex",
  );
  t.strictSame(parseEvents(bytes, 8), [{ code: 28, value: 1, atWall: 1_700_000_000_250 }]);
  t.strictSame(parseEvents(bytes.subarray(0, 40), 8), [], "half an event is none");
});

t.test("takes keys out of a 32-bit kernel's events", async (t) => {
  const bytes = Buffer.from("00f1536590d0030001000001 02000000".replace(" ", ""), "hex");
  t.strictSame(parseEvents(bytes, 4), [{ code: 0x100, value: 2, atWall: 1_700_000_000_250 }]);
});

t.test("says when the kernel's queue ran over", async (t) => {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt16LE(3, 18);
  t.strictSame(parseEvents(bytes, 8), ["lost"]);
});

t.test(
  "a stamp by the wall clock becomes a monotonic moment, or that of arrival where the clock was set in between",
  async (t) => {
    const arrival = { wall: 1_000_000, monotonic: 5000 };
    t.equal(monotonicOf(999_988, arrival), 4988);
    t.equal(monotonicOf(1_000_400, arrival), 5000);
    t.equal(monotonicOf(0, arrival), 5000);
  },
);

const listed = `I: Bus=0003 Vendor=1a2c Product=2124 Version=0110
N: Name="SEM USB Keyboard"
P: Phys=usb-0000:01:00.0-1.1/input0
S: Sysfs=/devices/platform/scb/usb1/input/input3
U: Uniq=
H: Handlers=sysrq kbd leds event0
B: PROP=0
B: EV=120013
B: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe
B: LED=7

I: Bus=0003 Vendor=1a2c Product=2124 Version=0110
N: Name="SEM USB Keyboard"
H: Handlers=kbd event1
B: EV=13
B: KEY=3007f 0 0 0 0 483ffff17aff32d bfd4444600000000 1 130c730b17c000 267bfad941dfed 9e168000004400 10000002

I: Bus=0003 Vendor=0079 Product=0006 Version=0110
N: Name="DragonRise Inc.   Generic   USB  Joystick  "
H: Handlers=event12 js0
B: KEY=fff00000000 0 0 0 0

I: Bus=0019 Vendor=0000 Product=0000 Version=0000
N: Name="Without events"
H: Handlers=kbd
`;

t.test("reads the kernel's list of devices: names, files, and which keys each has", async (t) => {
  const devices = parseDevices(listed, 8);
  t.strictSame(
    devices.map(({ name, event }) => [name, event]),
    [
      ["SEM USB Keyboard", "event0"],
      ["SEM USB Keyboard", "event1"],
      ["DragonRise Inc.   Generic   USB  Joystick  ", "event12"],
    ],
  );
  const having = (key: string) => devices.map(({ hasKey }) => hasKey(keyCodes[key] ?? -1));
  t.strictSame(having("KEY_SPACE"), [true, false, false]);
  t.strictSame(having("BTN_TRIGGER"), [false, false, true]);
});

t.test("knows the keys that the kernel's header counts one by one", async (t) => {
  const known = { KEY_1: 2, KEY_9: 10, KEY_0: 11, KEY_R: 19, KEY_A: 30, KEY_D: 32, KEY_H: 35, KEY_C: 46, KEY_B: 48 };
  const far = { KEY_KP0: 82, KEY_F10: 68, KEY_F24: 194, BTN_9: 0x109, BTN_BASE6: 0x12b, BTN_START: 0x13b };
  t.match(keyCodes, { ...known, ...far, BTN_MODE: 0x13c, BTN_TRIGGER_HAPPY40: 0x2e7 });
});
