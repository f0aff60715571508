import t from "tap";
import { Fault } from "../contracts/fault.ts";
import { eventually } from "../drivers/eventually.ts";
import { keepOpen } from "../drivers/keep.ts";
import { systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { Health } from "./health.ts";
import { type SpeakerOptions, SpeakerPart } from "./speaker.ts";

/** A loudspeaker at the hardware's edge: says what it was told, and can be deaf, broken or lost. */
class Box {
  readonly told: string[] = [];
  fault: Fault | undefined;
  deaf = false;
  closed = 0;
  lose: (fault: Fault) => void = () => undefined;

  async play(clip: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    this.told.push(`play ${Buffer.from(clip).toString()}`);
    await new Promise<void>((resolve) => {
      if (!this.deaf) signal.addEventListener("abort", () => resolve());
    });
    this.told.push("silent");
  }
  setVolume(volume: number): void {
    this.told.push(`volume ${volume}`);
  }
  onLost(handler: (fault: Fault) => void): void {
    this.lose = handler;
  }
  close(): void {
    this.closed += 1;
  }
}

async function start(change: Partial<SpeakerOptions> = {}) {
  const box = new Box();
  const warned: string[] = [];
  const log = { ...silentLog(), warn: (_facts: object, sentence: string) => warned.push(sentence) };
  const health = new Health({ clock: systemClock, log: silentLog() });
  const part = new SpeakerPart({
    ...{ clock: systemClock, log: log as unknown as SpeakerOptions["log"], health, volume: 0.8, duckedShare: 0.5 },
    open: async () => box,
    keep: keepOpen,
    synthesise: async (text) => Buffer.from(`espeak ${text}`),
    ...change,
  });
  await part.start();
  const state = () => health.beats()["speaker"]?.state;
  await eventually(async () => state() === "working");
  return { box, warned, health, part, state };
}
const spoken = { sessionId: "s", text: "Why?", language: "en", ducked: false, audio: Buffer.from("one") } as const;

t.test("hush waits until the speaker is silent and the room with it; without sound it waits for nothing", async (t) => {
  const { box, part } = await start();
  const idle = systemClock.monotonic();
  await part.hush();
  t.ok(systemClock.monotonic() - idle < 100);
  part.speak(spoken);
  t.ok(await eventually(async () => box.told.includes("play one")));
  const before = systemClock.monotonic();
  await part.hush();
  t.ok(systemClock.monotonic() - before >= 199, "the room's tail");
  t.equal(box.told.at(-1), "silent");
  await part.stop();
});

t.test("the next question takes the place of the one before, at the volume that is set", async (t) => {
  const { box, part } = await start();
  part.speak(spoken);
  t.ok(await eventually(async () => box.told.includes("play one")));
  part.speak({ ...spoken, ducked: true, audio: Buffer.from("two") });
  t.ok(await eventually(async () => box.told.includes("play two")));
  t.strictSame(box.told, ["volume 0.8", "play one", "silent", "volume 0.4", "play two"]);
  part.duck(false);
  t.equal(box.told.at(-1), "volume 0.8");
  await part.stop();
  t.equal(box.closed, 1);
});

t.test("a speaker that does not become silent is closed before an answer is recorded", async (t) => {
  const { box, part } = await start();
  box.deaf = true;
  part.speak(spoken);
  t.ok(await eventually(async () => box.told.includes("play one")));
  await part.hush();
  t.equal(box.closed, 1);
  box.deaf = false;
});

t.test("a fault degrades the part and stops nothing; a lost speaker is opened again", async (t) => {
  const { box, part, state } = await start();
  box.fault = new Fault("speaker.stalled", "plays nothing");
  part.speak(spoken);
  t.ok(await eventually(async () => state() === "degraded"));
  await part.hush();
  box.fault = undefined;
  part.speak(spoken);
  t.ok(await eventually(async () => box.told.includes("play one")));
  await part.hush();
  t.equal(state(), "working", "the next prompt was heard");
  box.lose(new Fault("speaker.lost", "unplugged"));
  t.ok(await eventually(async () => box.closed === 1));
  box.told.length = 0;
  t.ok(
    await eventually(async () => {
      if (state() === "working") part.speak(spoken);
      return box.told.includes("play one");
    }),
    "opened again",
  );
  await part.stop();
});

t.test("espeak-ng is the last resort, said once a session; without it only the page shows the question", async (t) => {
  const { audio: _, ...bare } = spoken;
  const { box, part, warned } = await start();
  for (const sessionId of ["s", "s", "t"]) {
    part.speak({ ...bare, sessionId });
    t.ok(await eventually(async () => box.told.at(-1) === "play espeak Why?"));
    await part.hush();
  }
  t.equal(warned.length, 2);
  t.match(warned[0], /espeak-ng reads it/);
  await part.stop();

  const synthesise = async (): Promise<Uint8Array> => {
    throw new Fault("process.missing", "espeak-ng is not installed");
  };
  const mute = await start({ synthesise });
  mute.part.speak(bare);
  t.ok(await eventually(async () => mute.warned.length === 1));
  t.match(mute.warned[0], /only the page/);
  t.strictSame(mute.box.told, []);
  t.equal(mute.state(), "working", "the speaker is well");
  await mute.part.stop();
});
