import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { Fault } from "../contracts/fault.ts";
import { openBoardBench } from "../drivers/emulator/bench.ts";
import { eventually } from "../drivers/eventually.ts";
import { emulatedSensor } from "../drivers/sensor/emulated.ts";
import { systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { BoardPart, judgeBoard } from "./board.ts";
import { Health } from "./health.ts";

const limits = { thermal: { warnCelsius: 70, restCelsius: 80 }, storageWarnMegabytes: 500 };

t.test("says of the board what weighs most, and knows nothing of what nobody measures", async (t) => {
  const judged = (facts: Parameters<typeof judgeBoard>[0]) => judgeBoard(facts, limits, false);
  t.strictSame(judged({}), { state: "working", resting: false });
  t.strictSame(judged({ temperatureCelsius: 69.9, throttled: [], storageFreeMegabytes: 500 }), {
    state: "working",
    resting: false,
  });
  t.match(judged({ throttled: ["underVoltage"] }), { state: "degraded", fault: "board.throttled", resting: false });
  t.match(judged({ temperatureCelsius: 70, throttled: ["x"] }), { fault: "board.warm", resting: false });
  t.match(judged({ temperatureCelsius: 75, storageFreeMegabytes: 499 }), { fault: "storage.full", resting: false });
  t.match(judged({ temperatureCelsius: 80, storageFreeMegabytes: 1 }), { fault: "board.hot", resting: true });
  const unlimited = { storageWarnMegabytes: 0 };
  t.match(judgeBoard({ temperatureCelsius: 200 }, unlimited, false), { state: "working" });
});

t.test("begins interviews again only when the board has cooled well below the limit", async (t) => {
  const rests = (temperatureCelsius: number, rested: boolean) =>
    judgeBoard({ temperatureCelsius }, limits, rested).resting;
  t.equal(rests(79, false), false);
  t.equal(rests(79, true), true);
  t.equal(rests(75, true), true);
  t.equal(rests(74, true), false);
});

/** The clock of the machine, for which ten seconds pass in a tenth of one. */
const quickClock = {
  ...systemClock,
  every: (length: number, work: () => void | Promise<void>) => systemClock.every(length / 100, work),
};

t.test("reads the sensors, refuses new interviews on a hot board, and opens a lost sensor again", async (t) => {
  const { folder, hand, context, unplug, plug, close } = await openBoardBench();
  const stateDirectory = await mkdtemp(join(tmpdir(), "candor-state-"));
  const health = new Health({ clock: systemClock, log: silentLog() });
  const state = () => health.document({}, { software: "0", clock: "unknown", board: {} }).parts["board"];
  const sensors = [() => emulatedSensor.open({ folder }, context)];
  const board = new BoardPart({
    clock: quickClock,
    health,
    stateDirectory,
    storageWarnMegabytes: 0,
    mounted: async () => ({ sensors, thermal: limits.thermal }),
  });
  await board.start();
  t.ok(await eventually(() => board.facts.temperatureCelsius === 45));
  t.ok((board.facts.storageFreeMegabytes ?? 0) > 0);
  t.match(state(), { state: "working" });
  t.doesNotThrow(() => board.mayBegin());

  await hand.sense({ temperatureCelsius: 90, throttled: ["frequencyCapped"], supplyVolts: 4.7 });
  t.ok(await eventually(() => state()?.fault === "board.hot"));
  t.match(board.facts, { temperatureCelsius: 90, throttled: ["frequencyCapped"], supplyVolts: 4.7 });
  t.throws(() => board.mayBegin(), { code: "board.hot" });
  await hand.sense({ temperatureCelsius: 50, throttled: [] });
  t.ok(await eventually(() => state()?.state === "working"));
  t.doesNotThrow(() => board.mayBegin());

  await unplug();
  t.ok(await eventually(() => state()?.state === "degraded"));
  t.equal(board.facts.temperatureCelsius, undefined, "an old reading is none");
  await plug();
  t.ok(await eventually(() => state()?.state === "working"));
  t.equal(board.facts.temperatureCelsius, 50);
  await board.stop();
  await close();
  await rm(stateDirectory, { recursive: true });
});

t.test("the first sensor that knows a reading counts, and one that fails leaves the others'", async (t) => {
  const health = new Health({ clock: systemClock, log: silentLog() });
  const sensor = (readings: object) => async () => ({ read: async () => readings, close: () => undefined });
  const broken = async () => {
    throw new Fault("sensor.missing", "not there");
  };
  const board = new BoardPart({
    clock: systemClock,
    health,
    stateDirectory: tmpdir(),
    storageWarnMegabytes: 0,
    mounted: async () => ({
      sensors: [sensor({ temperatureCelsius: 40 }), broken, sensor({ temperatureCelsius: 60, fanRpm: 900 })],
    }),
  });
  await board.start();
  t.ok(await eventually(() => board.facts.fanRpm === 900));
  t.equal(board.facts.temperatureCelsius, 40);
  t.match(health.document({}, { software: "0", clock: "unknown", board: {} }).parts["board"], {
    state: "degraded",
    fault: "sensor.missing",
  });
  await board.stop();
});
