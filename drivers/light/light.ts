import { keepOpen } from "../keep.ts";
import { openMount } from "../mount.ts";
import type { DriverContext, Led, Look } from "../port.ts";
import type { Mount } from "../registry.ts";

/** A light, kept open; one that comes back shows at once what it should. `Shown` is what its holder may show. */
export class Light<Shown extends Look> {
  readonly #mount: Mount<"led">;
  readonly #context: DriverContext;
  readonly #ending = new AbortController();
  #look: Shown | "off" = "off";
  #led: Led | undefined;
  #kept: Promise<void> | undefined;

  constructor(mount: Mount<"led">, context: DriverContext) {
    this.#mount = mount;
    this.#context = context;
  }

  start(): void {
    const { clock, log } = this.#context;
    const { signal } = this.#ending;
    this.#kept = keepOpen(
      { clock, signal, onFault: (fault) => log.warn({ err: fault }, "a light is away") },
      async (delivers) => {
        const led = await openMount("led", this.#mount, this.#context);
        const over = new AbortController();
        try {
          this.#led = led;
          const lost = new Promise<void>((resolve, reject) => {
            led.onLost(reject);
            // While it was being opened the end may have come.
            if (signal.aborted) resolve();
            signal.addEventListener("abort", () => resolve(), { once: true, signal: over.signal });
          });
          led.show(this.#look);
          delivers();
          await lost;
        } finally {
          over.abort();
          this.#led = undefined;
          led.close();
        }
      },
    );
  }

  show(look: Shown | "off"): void {
    if (look === this.#look) return;
    this.#look = look;
    this.#led?.show(look);
  }

  async stop(): Promise<void> {
    this.show("off");
    this.#ending.abort();
    await this.#kept;
  }
}
