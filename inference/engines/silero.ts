import { Fault } from "../../contracts/fault.ts";
import { type Pcm, sampleRate, type VoiceActivity, type VoiceActivityStream } from "../../contracts/ports.ts";
import type { ModelStore } from "../models/store.ts";
import { floats, floatsOf, longs, openSession, output, runSession, type Session } from "./session.ts";

const windowSamples = 512;
/** Since version 5 the model reads the last 64 samples of the window before as well (silero-vad, utils_vad.py, OnnxWrapper). */
const contextSamples = 64;
const stateDims = [2, 1, 128] as const;
const stateValues = 2 * 128;

const rate = longs([sampleRate], []);

/** Tensors are made once and the state goes back in as it came out: a window costs little more than the model alone. */
class SileroStream implements VoiceActivityStream {
  readonly #session: Session;
  readonly #samples = new Float32Array(contextSamples + windowSamples);
  readonly #input = floats(this.#samples, [1, contextSamples + windowSamples]);
  #state = floats(new Float32Array(stateValues), stateDims);

  constructor(session: Session) {
    this.#session = session;
  }

  async next(window: Pcm): Promise<number> {
    if (window.length !== windowSamples)
      throw new Fault("use.invalid", `a window has ${windowSamples} samples, not ${window.length}`);
    this.#samples.copyWithin(0, windowSamples);
    this.#samples.set(window, contextSamples);
    const outputs = await runSession(this.#session, { input: this.#input, state: this.#state, sr: rate });
    this.#state = output(outputs, "stateN");
    return floatsOf(output(outputs, "output"))[0] ?? 0;
  }
}

/**
 * Silero VAD 6 at 16 kHz: a probability of speech each 32 ms, at about 0.15 ms of one core. The session is shared, each
 * stream has its own state; calls on one stream must not overlap. Throws model.missing, model.corrupt.
 */
export async function openSilero(store: ModelStore, options: { threads?: number } = {}): Promise<VoiceActivity> {
  const model = await store.load("silero-vad");
  const session = await openSession(model.path("silero_vad_v6.onnx"), { threads: options.threads ?? 1 });
  return {
    windowSamples,
    stream: () => new SileroStream(session),
    close: () => session.release(),
  };
}
