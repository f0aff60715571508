import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { eventually } from "../eventually.ts";
import { loadNativeLines } from "./character.ts";

/** `struct gpio_v2_line_event` of linux/gpio.h, in the byte order of every machine Candor runs on. */
function edgeEvent(rising: boolean, nanoseconds: bigint): Buffer {
  const event = Buffer.alloc(48);
  event.writeBigUInt64LE(nanoseconds, 0);
  event.writeUInt32LE(rising ? 1 : 2, 8);
  return event;
}

/** A pipe in the place of a line's file: no test machine has lines, but both are read in the same way. */
function openPipe(folder: string): number {
  const path = join(folder, "line");
  execFileSync("mkfifo", [path]);
  return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
}

t.test("the addon names what the kernel refuses", async (t) => {
  const native = loadNativeLines();
  t.throws(() => native.chip(join(t.testdir(), "gpiochip9")), { code: "ENOENT" });
  t.throws(() => native.chip("/dev/null"), { code: "ENOTTY" });
  t.throws(() => native.request("/dev/null", 1, native.flags.output, 0), { code: "ENOTTY" });
  t.throws(() => native.read(-1), { code: "EBADF" });
  t.throws(() => native.write(-1, true), { code: "EBADF" });
});

t.test("the addon tells every edge with its moment, in order, and none once unwatched", async (t) => {
  const native = loadNativeLines();
  const file = openPipe(t.testdir());
  const edges: [boolean, number][] = [];
  const ends: string[] = [];
  const watch = native.watch(
    file,
    (active, at) => edges.push([active, at]),
    (code) => ends.push(code),
  );
  for (let index = 0; index < 40; index++) writeSync(file, edgeEvent(index % 2 === 0, BigInt(index) * 1_500_000n));
  t.ok(await eventually(() => edges.length === 40));
  t.strictSame(edges.slice(0, 3), [
    [true, 0],
    [false, 1.5],
    [true, 3],
  ]);
  native.unwatch(watch);
  writeSync(file, edgeEvent(true, 1n));
  await systemClock.sleep(30);
  t.equal(edges.length, 40);
  t.strictSame(ends, []);
  closeSync(file);
});

t.test("a handler may end its own watch in the middle of a burst", async (t) => {
  const native = loadNativeLines();
  const file = openPipe(t.testdir());
  let edges = 0;
  const watch = native.watch(
    file,
    () => {
      edges++;
      native.unwatch(watch);
    },
    () => undefined,
  );
  writeSync(file, Buffer.concat([edgeEvent(true, 1n), edgeEvent(false, 2n)]));
  t.ok(await eventually(() => edges > 0));
  t.equal(edges, 1);
  closeSync(file);
});

t.test("a file that the kernel has ended is told once", async (t) => {
  const native = loadNativeLines();
  const path = join(t.testdir(), "line");
  execFileSync("mkfifo", [path]);
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  const ends: string[] = [];
  const watch = native.watch(
    file,
    () => undefined,
    (code) => ends.push(code),
  );
  closeSync(writer);
  t.ok(await eventually(() => ends.length > 0));
  await systemClock.sleep(30);
  t.strictSame(ends, ["ENODEV"]);
  native.unwatch(watch);
  closeSync(file);
});
