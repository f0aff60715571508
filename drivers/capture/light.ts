import type { Log } from "../../runtime/log.ts";
import { keepOpen } from "../keep.ts";
import { openMount } from "../mount.ts";
import type { DriverContext, Led, Look } from "../port.ts";
import type { Mount } from "../registry.ts";

/** The recording light, kept open; a light that comes back shows at once what it should. */
export class Light {
  readonly #mount: Mount<"led">;
  readonly #context: DriverContext & { log: Log };
  readonly #ending = new AbortController();
  #look: Look = "off";
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
      { clock, signal, onFault: (fault) => log.warn({ err: fault }, "the recording light is away") },
      async (delivers) => {
        const led = await openMount("led", this.#mount, this.#context);
        try {
          this.#led = led;
          led.show(this.#look);
          delivers();
          await new Promise<void>((resolve, reject) => {
            led.onLost(reject);
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
        } finally {
          this.#led = undefined;
          led.close();
        }
      },
    );
  }

  show(look: Look): void {
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
