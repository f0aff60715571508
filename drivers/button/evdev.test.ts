import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { eventually } from "../eventually.ts";
import { eventBytes, wordBytes } from "../input/events.ts";
import { keyCodes } from "../input/keys.ts";
import { buttonConformance } from "./conformance.ts";
import { evdevButton } from "./evdev.ts";

const context = { clock: systemClock, log: silentLog() };

/** An event as the kernel writes it, stamped now. The kernel counts microseconds: whole milliseconds are rounded up, or the stamp would lie before the event. */
function event(type: number, code: number, value: number): Buffer {
  const bytes = Buffer.alloc(eventBytes(wordBytes));
  const now = systemClock.wall() + 1;
  bytes.writeUInt32LE(Math.floor(now / 1000), 0);
  bytes.writeUInt32LE((now % 1000) * 1000, wordBytes);
  bytes.writeUInt16LE(type, 2 * wordBytes);
  bytes.writeUInt16LE(code, 2 * wordBytes + 2);
  bytes.writeInt32LE(value, 2 * wordBytes + 4);
  return bytes;
}

/** A pipe in the place of a device file: it is waited for and read in the same way. */
function device(t: Test) {
  const path = join(t.testdir(), "event0");
  execFileSync("mkfifo", [path]);
  const file = openSync(path, constants.O_RDWR);
  let there = true;
  const unplug = (): void => {
    if (!there) return;
    there = false;
    rmSync(path);
    closeSync(file);
  };
  return {
    path,
    unplug,
    key: (name: string, value: number) =>
      void writeSync(file, Buffer.concat([event(1, keyCodes[name] ?? -1, value), event(0, 0, 0)])),
    overrun: () => void writeSync(file, event(0, 3, 0)),
  };
}

buttonConformance(t, async () => {
  const { path, key, unplug } = device(t);
  const options = evdevButton.options.parse({ device: path, key: "KEY_SPACE", holdMillis: 400, chatterMillis: 25 });
  return {
    open: () => evdevButton.open(options, context),
    contact: async (closed) => key("KEY_SPACE", closed ? 1 : 0),
    pressAnother: async () => {
      for (const value of [1, 0]) key("KEY_ENTER", value);
    },
    unplug: async () => unplug(),
    close: async () => unplug(),
  };
});

t.test("a key that the kernel repeats is pressed once, and open again when events were lost", async (t) => {
  const { path, key, overrun, unplug } = device(t);
  const options = evdevButton.options.parse({ device: path, key: "BTN_TRIGGER" });
  const button = await evdevButton.open(options, context);
  const told: string[] = [];
  button.onPress(() => told.push("press"));
  button.onRelease(() => told.push("release"));
  for (const value of [1, 2, 2]) key("BTN_TRIGGER", value);
  overrun();
  t.ok(await eventually(() => told.length === 2));
  t.strictSame(told, ["press", "release"]);
  button.close();
  unplug();
});

t.test("says which device or key is not there", async (t) => {
  const list = join(t.testdir(), "devices");
  writeFileSync(list, 'N: Name="Box"\nH: Handlers=event77\nB: KEY=100000000 0 0 0 0\n');
  const opened = (options: { device: string; key: string; list?: string }) =>
    evdevButton.open(evdevButton.options.parse(options), context);
  const missing = { code: "button.missing" };
  await t.rejects(opened({ device: "name:Other", key: "KEY_R", list }), {
    ...missing,
    message: /no input device "Other"/,
  });
  await t.rejects(opened({ device: "name:Box", key: "KEY_R", list }), { ...missing, message: /"Box" has no KEY_R/ });
  if (wordBytes === 8)
    await t.rejects(opened({ device: "name:Box", key: "BTN_TRIGGER", list }), { ...missing, message: /event77/ });
  t.throws(() => evdevButton.options.parse({ device: "/dev/input/event0", key: "KEY_ANY" }));
});
