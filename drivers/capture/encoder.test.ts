import { readdir, readFile } from "node:fs/promises";
import t from "tap";
import { Fault, type FaultCode } from "../../contracts/fault.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Source, SourceEnd } from "../port.ts";
import { runEncoder } from "./encoder.ts";

const size = "64x48";
const pictureBytes = 64 * 48;
const input = ["-f", "rawvideo", "-pixel_format", "gray", "-video_size", size, "-framerate", "10", "-i", "pipe:0"];
const outputs = ["-f", "rawvideo", "-threads", "1", "-flush_packets", "1", "pipe:1"];
const test = (more: readonly string[]): Source["feeder"] => ({
  program: "ffmpeg",
  args: ["-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", `testsrc2=size=${size}:rate=10`, ...more],
});
const gray = ["-pix_fmt", "gray", "-f", "rawvideo", "-flush_packets", "1", "pipe:1"];

/** The processes below this one, by their command lines. */
async function offspring(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = pids.map(async (pid) => {
    try {
      // proc(5): state and parent follow the name in brackets.
      const [, , parent] = (await readFile(`/proc/${pid}/stat`, "utf8")).split(")").at(-1)?.split(" ") ?? [];
      return Number(parent) === process.pid ? await readFile(`/proc/${pid}/cmdline`, "utf8") : "";
    } catch {
      return "";
    }
  });
  return (await Promise.all(lines)).filter((line) => line !== "");
}

/** Runs a feeder until `bytes` have come or it ends. */
async function feed(feeder: Source["feeder"], bytes = Number.POSITIVE_INFINITY) {
  const ending = new AbortController();
  let got = 0;
  let told: SourceEnd | undefined;
  let fault: FaultCode | undefined;
  const blame = (end: SourceEnd): Fault => {
    told = end;
    return new Fault("camera.lost", "it ended");
  };
  const source: Source = { ...(feeder === undefined ? {} : { feeder }), input, blame };
  const take = (chunk: Buffer): void => {
    got += chunk.length;
    if (got >= bytes) ending.abort();
  };
  try {
    const onFirst = (): void => undefined;
    const { signal } = ending;
    await runEncoder({ source, outputs, takers: [take] }, { stream: "camera", clock: systemClock, signal, onFirst });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    fault = error.code;
  }
  return { got, fault, told };
}

t.test("ffmpeg makes what a feeder pipes to it, and both end with the signal", async (t) => {
  const { got, fault } = await feed(test(gray), 5 * pictureBytes);
  t.equal(got, 5 * pictureBytes);
  t.equal(fault, undefined);
  t.strictSame(await offspring(), []);
});

t.test("a feeder that ends takes ffmpeg with it, after the last picture", async (t) => {
  const { got, fault, told } = await feed(test(["-frames:v", "4", ...gray]));
  // The first is what ffmpeg looks at to know the stream: without buffers it does not come again.
  t.equal(got, 3 * pictureBytes);
  t.equal(fault, "camera.lost");
  t.ok(told?.received);
  t.strictSame(await offspring(), []);
});

t.test("what the feeder complains of comes before what ffmpeg does", async (t) => {
  const { told, fault } = await feed({ program: "sh", args: ["-c", "echo no camera at all >&2; exit 3"] });
  t.equal(fault, "camera.lost");
  t.match(told?.complaint, /^no camera at all\n/);
  t.notOk(told?.received);
});

t.test("an ffmpeg that ends takes the feeder with it", async (t) => {
  const wrong = { ...test(gray), program: "sleep", args: ["600"] };
  const refused: Source = { feeder: wrong, input: ["-f", "noSuchFormat", "-i", "pipe:0"], blame: () => fault };
  const fault = new Fault("camera.format", "ffmpeg refused");
  const { signal } = new AbortController();
  const options = { stream: "camera" as const, clock: systemClock, signal, onFirst: () => undefined };
  await t.rejects(runEncoder({ source: refused, outputs, takers: [() => undefined] }, options), fault);
  t.strictSame(await offspring(), []);
});

t.test("a feeder that is not installed is named", async (t) => {
  t.equal((await feed({ program: "no-such-camera-program", args: [] })).fault, "process.missing");
});
