import { join } from "node:path";
import t, { type Test } from "tap";
import { emulated } from "../../boards/emulated.ts";
import { chosenProfile } from "../../boards/profile.ts";
import { type BoardBench, openBoardBench } from "../../drivers/emulator/bench.ts";
import { withOptions } from "../../drivers/mount.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { type CheckOptions, type CheckReport, checkBoard } from "./check.ts";
import { reportText } from "./report.ts";

const megabyte = 1e6;
const resolved = {
  board: { ...emulated, thermal: { warnCelsius: 70, restCelsius: 85, source: "a test" } },
  by: "configuration",
  profile: chosenProfile(emulated, undefined),
};
const clip = join(projectRoot, "test/fixtures/speech/en-backend-strong.opus");

function check(bench: BoardBench, options: Partial<CheckOptions> = {}): Promise<CheckReport> {
  return checkBoard({
    ...bench.context,
    resolved,
    mounts: withOptions(emulated.mounts, { folder: bench.folder }),
    stateDirectory: bench.folder,
    tell: () => undefined,
    surroundings: { freeBytes: async () => 5000 * megabyte, clockSynchronised: async () => true },
    ...options,
  });
}

const withBench = (name: string, work: (t: Test, bench: BoardBench) => Promise<void>): void => {
  void t.test(name, async (t) => {
    const bench = await openBoardBench();
    try {
      await work(t, bench);
    } finally {
      await bench.close();
    }
  });
};
const part = ({ parts }: CheckReport, name: string) => parts.find((one) => one.part === name);
const failedGates = (report: CheckReport): string[] =>
  report.parts.flatMap(({ gates }) => gates.filter(({ passed }) => !passed).map(({ gate }) => gate));

withBench("a healthy board passes in every part", async (t, bench) => {
  await bench.hand.show("face");
  await bench.hand.echo(0.5);
  const told: string[] = [];
  const report = await check(bench, { tell: (line) => told.push(line) });
  t.strictSame(
    report.parts.filter(({ state }) => state !== "passed"),
    [],
  );
  t.equal(report.passed, true);
  t.ok(told.includes("camera …"), "says what it is at");
  t.ok(report.mounted.length >= 13);
  t.match(reportText(report), /board emulated, known by configuration[\s\S]*camera\.focus +ok/);
  t.notMatch(reportText(report), /to do/);
});

withBench(
  "a microphone that is not there fails with its fault and remedy, and keeps no other part from being tested",
  async (t, bench) => {
    await bench.hand.show("face");
    await bench.hand.vanish("mic");
    const report = await check(bench, { only: ["microphone", "camera"] });
    t.equal(report.passed, false);
    t.match(part(report, "microphone"), { state: "failed", fault: { code: "mic.missing" }, remedy: /plugged in/ });
    t.equal(part(report, "camera")?.state, "passed");
    t.match(reportText(report), /to do:\n {2}microphone: check that it is plugged in/);
  },
);

withBench("a camera that is not there, or delivers nothing, fails", async (t, bench) => {
  await bench.hand.vanish("camera");
  t.match(part(await check(bench, { only: ["camera"] }), "camera"), { fault: { code: "camera.missing" } });
  await bench.hand.comeBack("camera");
  await bench.hand.stall("camera");
  t.match(part(await check(bench, { only: ["camera"] }), "camera"), { fault: { code: "camera.stalled" } });
});

withBench("a camera that another process holds is at work, and is left alone", async (t, bench) => {
  await bench.hand.busy("camera");
  const report = await check(bench, { only: ["camera"] });
  t.match(part(report, "camera"), { state: "skipped", why: /another process/ });
  t.equal(report.passed, true);
});

withBench("a bare wall, as a covered or blurred lens, has no focus", async (t, bench) => {
  t.strictSame(failedGates(await check(bench, { only: ["camera"] })), ["camera.focus"]);
});

withBench("a noisy room fails its gate and says what to do", async (t, bench) => {
  await bench.hand.noise(-30);
  const report = await check(bench, { only: ["microphone"] });
  t.strictSame(failedGates(report), ["mic.noise"]);
  t.match(reportText(report), /microphone, mic\.noise: close doors/);
});

withBench("too much gain is heard as clipping", async (t, bench) => {
  await bench.hand.gain(40);
  const playing = bench.hand.play(clip);
  t.ok(failedGates(await check(bench, { only: ["microphone"] })).includes("mic.clipping"));
  await bench.hand.stopPlaying();
  await playing;
});

withBench("speech stands out of a quiet room", async (t, bench) => {
  let playing: Promise<unknown> | undefined;
  const speaking = (line: string): void => {
    if (line.startsWith("say ")) playing = bench.hand.play(clip);
  };
  const report = await check(bench, { only: ["microphone"], speak: true, tell: speaking });
  t.strictSame(failedGates(report), []);
  t.ok((part(report, "microphone")?.gates.find(({ gate }) => gate === "mic.snr")?.measured ?? 0) > 20);
  await bench.hand.stopPlaying();
  await playing;
});

withBench("speech is missed where nobody speaks", async (t, bench) => {
  t.strictSame(failedGates(await check(bench, { only: ["microphone"], speak: true })), ["mic.snr"]);
});

withBench("a loudspeaker that the microphone cannot hear fails the loop", async (t, bench) => {
  t.strictSame(failedGates(await check(bench, { only: ["speaker"] })), ["speaker.heard"]);
  await bench.hand.echo(0.05);
  t.strictSame(failedGates(await check(bench, { only: ["speaker"] })), [], "a faint echo is found");
});

withBench("a light asks for each button, and one that nobody presses is named", async (t, bench) => {
  const asked: string[] = [];
  const presses: Promise<void>[] = [];
  let lit = false;
  bench.hand.onLed(({ line, lit: now }) => {
    if (line === "status") lit ||= now;
  });
  const press = (button: string): void => {
    asked.push(button);
    if (button !== "C") presses.push(bench.hand.press(button));
  };
  const options = { only: ["lights and buttons"], ask: press, patience: 500 };
  const report = await check(bench, options);
  await Promise.all(presses);
  t.strictSame(asked, ["start", "repeat", "help", "A", "B", "C", "D"]);
  t.equal(lit, true);
  t.match(part(report, "lights and buttons"), { state: "failed", figures: { missed: "C" } });
});

withBench("a button that is held down is stuck", async (t, bench) => {
  const { clock } = bench.context;
  // Whoever opens a button hears of the contact's next change only: the finger says again that it is down.
  const ended = new AbortController();
  const held = (async () => {
    for (; !ended.signal.aborted; await clock.sleep(100)) await bench.hand.contact("A", true);
  })();
  const report = await check(bench, { only: ["button"] });
  ended.abort();
  await held;
  t.match(part(report, "button A"), { state: "failed", fault: { code: "button.stuck" } });
  t.equal(part(report, "button B")?.state, "passed");
});

withBench("a hot and throttled board, a full disk and a wrong clock fail by their gates", async (t, bench) => {
  await bench.hand.sense({ temperatureCelsius: 75, throttled: ["underVoltage"] });
  const surroundings = { freeBytes: async () => 100 * megabyte, clockSynchronised: async () => false };
  const report = await check(bench, { only: ["sensor", "disk", "clock"], surroundings });
  t.strictSame(failedGates(report), ["board.temperature", "board.throttled", "disk.free", "clock.synchronised"]);
});

withBench("without anything to ask about the clock, it is not tested", async (t, bench) => {
  const surroundings = { freeBytes: async () => 5000 * megabyte, clockSynchronised: async () => undefined };
  t.match(part(await check(bench, { only: ["clock"], surroundings }), "clock"), { state: "skipped" });
});
