import type { Test } from "tap";
import type { Stream } from "../../contracts/capture.ts";
import { Fault } from "../../contracts/fault.ts";
import { type Millis, seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Source } from "../port.ts";
import { runEncoder } from "./encoder.ts";

/** One camera or microphone of a mechanism, and the hand that plugs it. */
export type SourceBench = {
  open(): Promise<Source>;
  unplug(): Promise<void>;
  plug(): Promise<void>;
  close(): Promise<void>;
};

export type SourceExpectation = {
  stream: Stream;
  /** ffmpeg arguments that bring the source to pipe:1 as plain bytes. */
  plain: readonly string[];
  bytesPerSecond: number;
};

/** What came until the source was lost or the time was over, and why it was lost. */
type Taken = { bytes: Buffer; fault: Fault | undefined };

/** Reads the source for `length` once its first byte is there. */
async function take(bench: SourceBench, { stream, plain }: SourceExpectation, length: Millis): Promise<Taken> {
  const ending = new AbortController();
  const chunks: Buffer[] = [];
  let fault: Fault | undefined;
  const opening = { source: await bench.open(), outputs: plain, takers: [(chunk: Buffer) => void chunks.push(chunk)] };
  const onFirst = (): void => void systemClock.sleep(length).then(() => ending.abort());
  try {
    await runEncoder(opening, { stream, clock: systemClock, signal: ending.signal, onFirst });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    fault = error;
  }
  return { bytes: Buffer.concat(chunks), fault };
}

/** What capture relies on, of every camera and every microphone. */
export function sourceConformance(t: Test, expected: SourceExpectation, newBench: () => Promise<SourceBench>): void {
  const { stream, bytesPerSecond } = expected;
  const withBench = (name: string, work: (t: Test, bench: SourceBench) => Promise<void>): void => {
    void t.test(name, async (t) => {
      const bench = await newBench();
      try {
        await work(t, bench);
      } finally {
        await bench.close();
      }
    });
  };

  withBench("delivers in real time, and never digital zero", async (t, bench) => {
    const { bytes, fault } = await take(bench, expected, seconds(2));
    t.equal(fault, undefined);
    t.ok(Math.abs(bytes.length / bytesPerSecond - 2) < 0.6, `${bytes.length / bytesPerSecond} s came in 2 s`);
    t.ok(new Set(bytes.subarray(-bytesPerSecond / 10)).size > 4, "what came is alive");
  });

  withBench("is told as busy to a second reader, which does not disturb the first", async (t, bench) => {
    const first = take(bench, expected, seconds(2));
    await systemClock.sleep(1000);
    t.equal((await take(bench, expected, seconds(1))).fault?.code, `${stream}.busy`);
    t.equal((await first).fault, undefined);
  });

  withBench("is told as lost when it goes while it is open, and delivers again when it is back", async (t, bench) => {
    const reading = take(bench, expected, seconds(20));
    await systemClock.sleep(1500);
    await bench.unplug();
    t.equal((await reading).fault?.code, `${stream}.lost`);
    await bench.plug();
    t.ok((await take(bench, expected, 500)).bytes.length > 0);
  });

  withBench("is told as missing when it is not there", async (t, bench) => {
    await bench.unplug();
    t.equal((await take(bench, expected, seconds(1))).fault?.code, `${stream}.missing`);
  });
}
