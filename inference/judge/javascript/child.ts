import { readFileSync } from "node:fs";
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSContext, RELEASE_SYNC } from "quickjs-emscripten";
import type { Millis } from "../../../contracts/units.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { parseJson } from "../../../runtime/parse.ts";
import { type ChildReport, type ChildRequest, childRequest } from "./messages.ts";

/** The library in a process of its own: a run that does not come back to its interrupt handler is killed from outside. */

/** What a program finds besides the language itself. */
const prelude = `(write, complain, input) => {
  const lines = input.split(/\\r?\\n/);
  if (lines.at(-1) === "") lines.pop();
  const shown = (one) => {
    if (typeof one === "string") return one;
    if (one instanceof Error) return String(one);
    return typeof one === "object" && one !== null ? JSON.stringify(one) : String(one);
  };
  const line = (to) => (...values) => to(values.map(shown).join(" ") + "\\n");
  Object.assign(globalThis, {
    input,
    readline: () => lines.shift() ?? null,
    print: line(write),
    console: { log: line(write), info: line(write), debug: line(write), warn: line(complain), error: line(complain) },
  });
}`;

/** Neither Node's types nor the language's have it. */
declare const WebAssembly: {
  Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

/** A page of WebAssembly's memory; the library is compiled to begin with 16 MiB. */
const pageBytes = 65_536;
const firstPages = 256;
const complaintLength = 4096;
/** So much of a stack tells where; the error's own words stand before it. */
const stackLength = 1500;
/** The interrupt handler is asked every few microseconds: time is read no oftener than this. */
const between: Millis = 5;

/** Milliseconds that this thread was on a core. V8's own threads, which compile, are not the program's. */
function threadMillis(): Millis {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}

class Gauge {
  readonly #limits: ChildRequest["limits"];
  readonly #wallFrom = systemClock.monotonic();
  readonly #cpuFrom = threadMillis();
  #checked = 0;
  over: "cpu" | "wall" | "output" | undefined;

  constructor(limits: ChildRequest["limits"]) {
    this.#limits = limits;
  }

  get used(): { cpuMillis: number; wallMillis: number } {
    const tenth = (value: number): number => Math.max(0, Math.round(value * 10) / 10);
    return {
      cpuMillis: tenth(threadMillis() - this.#cpuFrom),
      wallMillis: tenth(systemClock.monotonic() - this.#wallFrom),
    };
  }

  /** Whether the program must stop now. */
  isOver(): boolean {
    const now = systemClock.monotonic();
    if (this.over !== undefined || now - this.#checked < between) return this.over !== undefined;
    this.#checked = now;
    const { cpuMillis, wallMillis } = this.used;
    if (cpuMillis > this.#limits.cpuMillis) this.over = "cpu";
    else if (wallMillis > this.#limits.wallMillis) this.over = "wall";
    return this.over !== undefined;
  }
}

/** Text up to a number of bytes; more of it is an end. */
class Sink {
  readonly #most: number;
  readonly #onFull: () => void;
  #bytes = 0;
  text = "";

  constructor(most: number, onFull: () => void) {
    this.#most = most;
    this.#onFull = onFull;
  }

  write(piece: string): void {
    const left = this.#most - this.#bytes;
    this.#bytes += Buffer.byteLength(piece);
    this.text += this.#bytes <= this.#most ? piece : Buffer.from(piece).toString("utf8", 0, Math.max(0, left));
    if (this.#bytes > this.#most) this.#onFull();
  }
}

type Thrown = { name?: unknown; message?: unknown; stack?: unknown } | null | undefined;

/** An error as a program's last words. */
function wordsOf(thrown: Thrown): string {
  if (thrown === null || typeof thrown !== "object") return `Uncaught ${String(thrown)}\n`;
  return `${String(thrown.name ?? "Error")}: ${String(thrown.message ?? "")}\n${String(thrown.stack ?? "").slice(0, stackLength)}`;
}

const outOfMemory = /^InternalError: out of memory/;
/** Where not even the error could be made, or the library itself fell: its memory at the cap says why. */
const speechless = /^(Uncaught null|RuntimeError)/;

function installed(context: QuickJSContext, given: { input: string; out: Sink; complaint: Sink }): void {
  const function_ = (name: string, sink: Sink) =>
    context.newFunction(name, (text) => {
      sink.write(context.getString(text));
    });
  const parts = [
    context.unwrapResult(context.evalCode(prelude, "prelude.js")),
    function_("write", given.out),
    function_("complain", given.complaint),
    context.newString(given.input),
  ] as const;
  const [install, ...words] = parts;
  context.unwrapResult(context.callFunction(install, context.undefined, ...words)).dispose();
  for (const one of parts) one.dispose();
}

/** Evaluates the program and the promises it left; gives its last words, undefined when it ended well. */
function evaluated(context: QuickJSContext, source: string): { end: "syntax" | "failed"; words: string } | undefined {
  const compiled = context.evalCode(source, "main.js", { compileOnly: true });
  if (compiled.error !== undefined) {
    const words = wordsOf(compiled.error.consume((error) => context.dump(error)) as Thrown);
    return { end: /^SyntaxError\b/.test(words) ? "syntax" : "failed", words };
  }
  compiled.value.dispose();
  const result = context.evalCode(source, "main.js");
  const failed = result.error ?? context.runtime.executePendingJobs().error;
  return failed === undefined
    ? undefined
    : { end: "failed", words: wordsOf(failed.consume((error) => context.dump(error)) as Thrown) };
}

async function runOnce({ source, limits }: ChildRequest, input: string): Promise<ChildReport> {
  const memory = new WebAssembly.Memory({
    initial: firstPages,
    maximum: Math.max(firstPages, Math.floor(limits.memoryBytes / pageBytes)),
  });
  const library = await newQuickJSWASMModuleFromVariant(newVariant(RELEASE_SYNC, { wasmMemory: memory }));
  const runtime = library.newRuntime({ maxStackSizeBytes: 128 * 1024 });
  const gauge = new Gauge(limits);
  runtime.setInterruptHandler(() => gauge.isOver());
  const full = () => {
    gauge.over ??= "output";
  };
  const out = new Sink(limits.outputBytes, full);
  const complaint = new Sink(limits.outputBytes, full);
  const context = runtime.newContext();
  let failure: { end: ChildReport["end"]; words: string } | undefined;
  try {
    installed(context, { input, out, complaint });
    failure = evaluated(context, source);
  } catch (error) {
    failure = { end: "failed", words: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
  const isFull = memory.buffer.byteLength * 1.2 >= limits.memoryBytes;
  if (failure !== undefined && (outOfMemory.test(failure.words) || (isFull && speechless.test(failure.words))))
    failure.end = "memory";
  return {
    end: gauge.over ?? failure?.end ?? "finished",
    ...gauge.used,
    peakKilobytes: memory.buffer.byteLength / 1024,
    output: out.text,
    complaint: `${complaint.text}${failure?.words ?? ""}`.slice(-complaintLength),
  };
}

async function main(): Promise<void> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += String(chunk);
  const request = parseJson(childRequest, text, { what: "the request to run JavaScript" });
  const tell = (report: ChildReport | { ready: true }) => process.stdout.write(`${JSON.stringify(report)}\n`);
  tell({ ready: true });
  for (const input of request.inputs) tell(await runOnce(request, input));
}

await main();
