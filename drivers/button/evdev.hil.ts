import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import t from "tap";
import { minutes } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { eventually } from "../eventually.ts";
import { buttonConformance } from "./conformance.ts";
import { evdevButton } from "./evdev.ts";

// Emulation is slow: the runner would end a file after 30 s.
t.setTimeout(minutes(5));

const context = { clock: systemClock, log: silentLog() };
const name = "Candor keys";
const options = evdevButton.options.parse({
  device: `name:${name}`,
  key: "KEY_SPACE",
  holdMillis: 400,
  // The emulated machine's chatter lasts longer than a real one's.
  chatterMillis: 60,
});

/** A keyboard without lights (USB HID 1.11, appendix B.1): a byte of modifiers, an empty one, and six keys that are down. */
const descriptor = Buffer.from(
  "05010906a101050719e029e71500250175019508810295017508810195067508150025650507190029658100c0",
  "hex",
);
const usages = { KEY_SPACE: 0x2c, KEY_ENTER: 0x28 };
const busUsb = 3;

/** What /dev/uhid is told (include/uapi/linux/uhid.h); whatever is left out at the end is zero. */
const verbs = { create: 11, input: 12 };

/** A keyboard that the kernel's HID driver takes for one on USB; it is there as long as its file is open. */
class Keyboard {
  readonly #file = openSync("/dev/uhid", "r+");

  constructor() {
    const asked = Buffer.alloc(4 + 128 + 64 + 64 + 2 + 2 + 4 * 4 + descriptor.length);
    asked.writeUInt32LE(verbs.create, 0);
    asked.write(name, 4);
    asked.writeUInt16LE(descriptor.length, 260);
    asked.writeUInt16LE(busUsb, 262);
    descriptor.copy(asked, 280);
    writeSync(this.#file, asked);
  }

  /** These keys are down, and no others. */
  down(...keys: (keyof typeof usages)[]): void {
    const report = Buffer.alloc(4 + 2 + 8);
    report.writeUInt32LE(verbs.input, 0);
    report.writeUInt16LE(8, 4);
    for (const [index, key] of keys.entries()) report[6 + 2 + index] = usages[key];
    writeSync(this.#file, report);
  }

  unplug(): void {
    closeSync(this.#file);
  }
}

const isListed = (): boolean => readFileSync(options.list, "utf8").includes(name);

execFileSync("modprobe", ["-a", "uhid", "hid-generic", "evdev"]);

buttonConformance(t, async () => {
  const keyboard = new Keyboard();
  await eventually(isListed);
  let there = true;
  const unplug = async (): Promise<void> => {
    if (there) keyboard.unplug();
    there = false;
    await eventually(() => !isListed());
  };
  return {
    open: () => evdevButton.open(options, context),
    contact: async (closed) => keyboard.down(...(closed ? (["KEY_SPACE"] as const) : [])),
    pressAnother: async () => {
      keyboard.down("KEY_ENTER");
      keyboard.down();
    },
    unplug,
    close: unplug,
  };
});
