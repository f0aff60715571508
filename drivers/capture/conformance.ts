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
  /** How many times slower than a board the machine is, where it is emulated: times become that much longer. */
  slow?: number;
};

export type SourceExpectation = {
  stream: Stream;
  /** ffmpeg arguments that bring the source to pipe:1 as plain bytes. */
  plain: readonly string[];
  bytesPerSecond: number;
};

/** What came until the source was lost or the time was over, and why it was lost. */
type Taken = { bytes: Buffer; fault: Fault | undefined };

/** A reader of the source that reads until it is ended. */
type Reading = { began: Promise<void>; end(): void; taken: Promise<Taken> };

function read(bench: SourceBench, { stream, plain }: SourceExpectation): Reading {
  const ending = new AbortController();
  const { signal } = ending;
  const chunks: Buffer[] = [];
  const takers = [(chunk: Buffer) => void chunks.push(chunk)];
  let onFirst: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  const work = async (): Promise<Fault | undefined> => {
    try {
      const source = await bench.open();
      await runEncoder({ source, outputs: plain, takers }, { stream, clock: systemClock, signal, onFirst });
      return undefined;
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  };
  const taken = work().then((fault) => ({ bytes: Buffer.concat(chunks), fault }));
  // One that fails never begins.
  const began = Promise.race([first, taken.then(() => undefined)]);
  return { began, end: () => ending.abort(), taken };
}

/** Reads the source for `length` once its first byte is there. */
async function take(bench: SourceBench, expected: SourceExpectation, length: Millis): Promise<Taken> {
  const { began, end, taken } = read(bench, expected);
  await began;
  const resting = new AbortController();
  await Promise.race([taken, systemClock.sleep(length, resting.signal)]);
  resting.abort();
  end();
  return taken;
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
    const { slow = 1 } = bench;
    const { bytes, fault } = await take(bench, expected, seconds(2) * slow);
    t.equal(fault, undefined);
    const share = bytes.length / bytesPerSecond / (2 * slow);
    // An emulated machine may not keep up; that it delivers is all that can be asked there.
    t.ok(share > (slow === 1 ? 0.7 : 0.2) && share < (slow === 1 ? 1.3 : 1.6), `${share} s came each second`);
    t.ok(new Set(bytes.subarray(-bytesPerSecond / 10)).size > 4, "what came is alive");
  });

  withBench("is told as busy to a second reader, which does not disturb the first", async (t, bench) => {
    const first = read(bench, expected);
    await first.began;
    t.equal((await take(bench, expected, seconds(1))).fault?.code, `${stream}.busy`);
    await systemClock.sleep(500);
    first.end();
    t.equal((await first.taken).fault, undefined);
  });

  withBench("is told as lost when it goes while it is open, and delivers again when it is back", async (t, bench) => {
    const { slow = 1 } = bench;
    const reading = read(bench, expected);
    await reading.began;
    await systemClock.sleep(500 * slow);
    await bench.unplug();
    t.equal((await reading.taken).fault?.code, `${stream}.lost`);
    await bench.plug();
    t.ok((await take(bench, expected, 500 * slow)).bytes.length > 0);
  });

  withBench("is told as missing when it is not there", async (t, bench) => {
    await bench.unplug();
    t.equal((await take(bench, expected, seconds(1))).fault?.code, `${stream}.missing`);
  });
}
