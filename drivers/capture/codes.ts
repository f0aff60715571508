import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { type Millis, seconds } from "../../contracts/units.ts";
import type { Clock } from "../../runtime/clock.ts";

/** The same code before the camera is told again after this time only. */
const quiet: Millis = seconds(3);

const wasmFile = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
let prepared: Promise<unknown> | undefined;

/** The reader's code comes from the installed package; nothing is fetched. */
function prepare(): Promise<unknown> {
  prepared ??= readFile(wasmFile).then((file) => {
    const wasmBinary = new Uint8Array(file).buffer;
    return prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  });
  return prepared;
}

function withAlpha(rgb: Buffer): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from] ?? 0;
    rgba[to + 1] = rgb[from + 1] ?? 0;
    rgba[to + 2] = rgb[from + 2] ?? 0;
    rgba[to + 3] = 255;
  }
  return rgba;
}

/** Reads QR codes out of live pictures; looks at one picture at a time and lets the others pass. */
export class CodeReader {
  readonly #clock: Clock;
  readonly #onCode: (text: string) => void;
  readonly #told = new Map<string, Millis>();
  #busy = false;

  constructor(clock: Clock, onCode: (text: string) => void) {
    this.#clock = clock;
    this.#onCode = onCode;
  }

  /** `rgb`: 3 bytes a pixel. QR codes want about 4 pixels a module. */
  async look(rgb: Buffer, { width, height }: { width: number; height: number }): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await prepare();
      const found = await readBarcodes(
        { data: withAlpha(rgb), width, height },
        { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 4 },
      );
      for (const code of found) if (code.isValid && code.text !== "") this.#tell(code.text);
    } finally {
      this.#busy = false;
    }
  }

  #tell(text: string): void {
    const now = this.#clock.monotonic();
    for (const [old, at] of this.#told) if (now - at >= quiet) this.#told.delete(old);
    if (this.#told.has(text)) return;
    this.#told.set(text, now);
    this.#onCode(text);
  }
}
