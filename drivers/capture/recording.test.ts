import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { CaptureReport, Segment } from "../../contracts/capture.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { newDataKey, openBytes, toBase64url } from "../../runtime/seal.ts";
import { type Piece, Recording } from "./recording.ts";

const key = newDataKey();
const sessionStart = 1000;

type Bench = {
  folder: string;
  reports: CaptureReport[];
  storage: (string | undefined)[];
  recording: Recording;
  lightings: () => number;
};

async function bench(t: Test, index = 0): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "candor-recording-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const reports: CaptureReport[] = [];
  const storage: (string | undefined)[] = [];
  let lightings = 0;
  const request = {
    do: "record" as const,
    sessionId: "s",
    answerId: "a",
    folder,
    key: toBase64url(key),
    sessionStart,
    nextIndex: index,
  };
  const recording = new Recording({
    stream: "mic",
    request,
    index,
    asked: 3000,
    report: (report) => reports.push(report),
    onBegin: () => void lightings++,
    onStorage: (fault) => storage.push(fault?.code),
  });
  return { folder, reports, storage, recording, lightings: () => lightings };
}

const piece = (start: number, origin = 3000): Piece => ({
  bytes: Buffer.from(`from ${start}`),
  start,
  duration: 1000,
  origin,
  initialisation: false,
});
const segments = ({ reports }: Bench): Segment[] =>
  reports.flatMap((one) => (one.report === "segment" ? [one.segment] : []));
const gapsOf = ({ reports }: Bench): object[] =>
  reports.flatMap((one) => (one.report === "gap" ? [{ from: one.from, to: one.to, fault: one.fault }] : []));

t.test("numbers, seals, stores and then announces each piece, on the session's timeline", async (t) => {
  const it = await bench(t, 41);
  it.recording.add(piece(0));
  it.recording.add(piece(1000));
  t.strictSame(await it.recording.finish(5000), { sessionId: "s", nextIndex: 43 });
  t.match(segments(it), [
    { index: 41, file: "mic-000041.sealed", offsetMillis: 2000, durationMillis: 1000 },
    { index: 42, file: "mic-000042.sealed", offsetMillis: 3000, durationMillis: 1000 },
  ]);
  const sealed = await readFile(join(it.folder, "mic-000042.sealed"));
  t.equal(sha256(sealed), segments(it)[1]?.sha256);
  t.equal(openBytes(key, sealed, "s/mic-000042.sealed").toString(), "from 1000");
  t.throws(() => openBytes(key, sealed, "s/mic-000041.sealed"), { code: "seal.unreadable" });
  t.strictSame(it.reports.at(-1), { report: "stopped", answerId: "a", atMillis: 4000, nextIndex: 43 });
});

t.test("neighbours stay neighbours while the estimate of their moment is refined", async (t) => {
  const it = await bench(t);
  it.recording.add(piece(0, 3000));
  it.recording.add(piece(1000, 2990));
  await it.recording.finish(5000);
  t.equal(segments(it)[1]?.offsetMillis, 3000);
  t.strictSame(gapsOf(it), []);
});

t.test("an interruption is told as a gap with its first reason, and what follows is placed anew", async (t) => {
  const it = await bench(t);
  it.recording.add(piece(0));
  it.recording.interrupt("mic.lost");
  it.recording.interrupt("mic.missing");
  it.recording.add(piece(0, 9000));
  await it.recording.finish(10_000);
  t.strictSame(gapsOf(it), [{ from: 3000, to: 8000, fault: "mic.lost" }]);
  t.equal(segments(it)[1]?.offsetMillis, 8000);
});

t.test("an interruption that lasts to the end is told as a gap to the end", async (t) => {
  const it = await bench(t);
  it.recording.add(piece(0));
  it.recording.interrupt("mic.stalled");
  await it.recording.finish(10_000);
  t.strictSame(gapsOf(it), [{ from: 3000, to: 9000, fault: "mic.stalled" }]);
});

t.test(
  "a full disk is told, costs a gap and no number, and the recording goes on when there is space again",
  async (t) => {
    const it = await bench(t);
    // Writes to /dev/full fail as on a full disk.
    const next = join(it.folder, ".mic-000000.sealed.next");
    await symlink("/dev/full", next);
    it.recording.add(piece(0));
    while (it.storage.length === 0) await new Promise(setImmediate);
    t.strictSame(it.storage, ["storage.full"]);
    await rm(next);
    it.recording.add(piece(1000));
    await it.recording.finish(5000);
    t.strictSame(it.storage, ["storage.full", undefined]);
    t.match(segments(it), [{ index: 0, offsetMillis: 3000 }]);
    t.strictSame(gapsOf(it), [{ from: 2000, to: 3000, fault: "storage.full" }]);
    t.strictSame(await readdir(it.folder), ["mic-000000.sealed"]);
  },
);

t.test("is lit once, since the first time it was asked for, and anew after an interruption", async (t) => {
  const it = await bench(t);
  t.equal(it.recording.lit, undefined);
  t.equal(it.recording.light(3100), 3100);
  t.equal(it.recording.light(3200), 3100);
  it.recording.interrupt("mic.lost");
  t.equal(it.recording.lit, undefined, "what comes next is not kept before the light is lit again");
  t.equal(it.recording.light(3300), 3300);
  t.equal(it.lightings(), 2);
  await it.recording.finish(4000);
});

t.test("a key that is none is refused", async (t) => {
  const request = {
    do: "record" as const,
    sessionId: "s",
    answerId: "a",
    folder: "/nowhere",
    key: "c2hvcnQ",
    sessionStart,
    nextIndex: 0,
  };
  const nothing = (): void => undefined;
  const options = {
    stream: "mic" as const,
    request,
    index: 0,
    asked: 0,
    report: nothing,
    onBegin: nothing,
    onStorage: nothing,
  };
  t.throws(() => new Recording(options), { code: "key.missing" });
});
