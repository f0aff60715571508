import type { Millis } from "../../contracts/units.ts";
import type { Mounts } from "../../drivers/registry.ts";
import { timestamp } from "../../runtime/clock.ts";
import { loopTest, micTest } from "./hearing.ts";
import { type PartReport, type PartTest, type TestContext, testPart } from "./part.ts";
import type { Resolved } from "./resolved.ts";
import { cameraTest, framingTest } from "./seeing.ts";
import { clockTest, diskTest, machine, type Surroundings, screenTest, sensorTest } from "./surroundings.ts";
import { buttonTest, ledTest, lightAndButtonLoop } from "./touching.ts";

export type CheckOptions = TestContext & {
  resolved: Resolved;
  mounts: Mounts;
  stateDirectory: string;
  modelsDirectory?: string;
  /** Only parts whose name begins so. */
  only?: readonly string[];
  /** A person sits there. */
  face?: boolean;
  /** A person speaks. */
  speak?: boolean;
  /** A person presses what is asked for, within `patience`. */
  ask?: (button: string) => void;
  patience?: Millis;
  surroundings?: Surroundings;
};

export type Mounted = { part: string; kind: string; driver: string; options: unknown };
export type CheckReport = {
  at: string;
  board: string;
  recognisedBy: string;
  profile: Resolved["profile"];
  mounted: Mounted[];
  parts: PartReport[];
  passed: boolean;
};

/** Every mount with its kind and name. */
export function mountedParts({ mic, camera, speaker, screen, sensors = {}, buttons, leds }: Mounts): Mounted[] {
  const one = (kind: string, name: string, mount: { driver: string; options: unknown } | undefined): Mounted[] =>
    mount === undefined
      ? []
      : [{ part: name === "" ? kind : `${kind} ${name}`, kind, driver: mount.driver, options: mount.options }];
  const each = (kind: string, named: Readonly<Record<string, { driver: string; options: unknown }>>): Mounted[] =>
    Object.entries(named).flatMap(([name, mount]) => one(kind, name, mount));
  return [
    ...one("camera", "", camera),
    ...one("microphone", "", mic),
    ...one("speaker", "", speaker),
    ...one("screen", "", screen),
    ...each("light", leds),
    ...each("button", buttons),
    ...each("sensor", sensors),
  ];
}

/** The tests in the order they are made, those of one row at once: what is heard before anything makes a sound. */
function testsOf(options: CheckOptions): PartTest[][] {
  const { mounts, resolved, stateDirectory, surroundings = machine, ask } = options;
  const { mic, camera, speaker, screen, sensors = {}, buttons, leds } = mounts;
  const { thermal } = resolved.board;
  return [
    [cameraTest(camera, options)],
    ...(options.face ? [[framingTest(camera, options)]] : []),
    [micTest(mic, { ...options, speak: options.speak ?? false })],
    ...(speaker === undefined ? [] : [[loopTest({ mic, speaker }, options)]]),
    Object.entries(leds).map(([name, mount]) => ledTest(name, mount, options)),
    Object.entries(buttons).map(([name, mount]) => buttonTest(name, mount, options)),
    ...(ask === undefined ? [] : [[lightAndButtonLoop(mounts, { ...options, ask })]]),
    ...(screen === undefined ? [] : [[screenTest(screen, options)]]),
    Object.entries(sensors).map(([name, mount]) => sensorTest(name, mount, { ...options, thermal })),
    [diskTest(stateDirectory, surroundings), clockTest(surroundings)],
  ];
}

async function told(test: PartTest, tell: (line: string) => void): Promise<PartReport> {
  tell(`${test.part} …`);
  const report = await testPart(test);
  tell(`${test.part}: ${report.state}`);
  return report;
}

/** Tests every part. A part at fault keeps no other from being tested. */
export async function checkBoard(options: CheckOptions): Promise<CheckReport> {
  const { resolved, mounts, only, clock, tell } = options;
  const wanted = ({ part }: PartTest): boolean => only === undefined || only.some((name) => part.startsWith(name));
  const rows = testsOf(options).map((row) => row.filter(wanted));
  const count = rows.flat().length;
  const parts: PartReport[] = [];
  for (const row of rows) {
    parts.push(...(await Promise.all(row.map((test) => told(test, tell)))));
    if (row.length > 0) tell(`${parts.length} of ${count} parts tested`);
  }
  return {
    at: timestamp(clock.wall()),
    board: resolved.board.name,
    recognisedBy: resolved.by,
    profile: resolved.profile,
    mounted: mountedParts(mounts),
    parts,
    passed: parts.every(({ state }) => state !== "failed"),
  };
}
