import type { LoadedModel } from "../../models/store.ts";
import { floats, floatsOf, longs, openSession, output, runSession, type Session, type Tensors } from "../session.ts";

const sampleRate = 16_000;
/** Whisper's window. */
export const windowSeconds = 30;
/** The encoder halves the mel frames: one frame of it is 20 ms. */
const frameSamples = 320;
const headWidth = 64;

/** What the decoder gives for the tokens it was fed. */
export type Step = {
  /** The logits of each token fed, row by row. */
  logits: Float32Array;
  vocabulary: number;
  /** Raw cross-attention scores [heads, tokens, frames] of the heads that follow the sound. */
  alignment: { scores: Float32Array; heads: number; tokens: number; frames: number };
  caches: Tensors;
};

/** Whisper's three graphs. */
export class WhisperNetwork {
  readonly #mel: Session;
  readonly #encoder: Session;
  readonly #decoder: Session;

  private constructor(sessions: { mel: Session; encoder: Session; decoder: Session }) {
    this.#mel = sessions.mel;
    this.#encoder = sessions.encoder;
    this.#decoder = sessions.decoder;
  }

  static async open(model: LoadedModel, options: { threads: number }): Promise<WhisperNetwork> {
    const session = (name: string): Promise<Session> =>
      openSession(model.path(name), { threads: options.threads, spinning: true });
    const [mel, encoder, decoder] = await Promise.all([
      session("mel.onnx"),
      session("encoder.onnx"),
      session("decoder.onnx"),
    ]);
    return new WhisperNetwork({ mel, encoder, decoder });
  }

  /** Sound followed by `paddingSeconds` of silence, at most a window → the cross attention's keys and values. */
  async encode(pcm: Float32Array, paddingSeconds: number): Promise<Tensors> {
    const wanted = Math.ceil((pcm.length + paddingSeconds * sampleRate) / frameSamples) * frameSamples;
    const padded = new Float32Array(Math.min(windowSeconds * sampleRate, wanted));
    padded.set(pcm.subarray(0, padded.length));
    const { mel } = await runSession(this.#mel, { pcm: floats(padded, [1, padded.length]) });
    return runSession(this.#encoder, mel === undefined ? {} : { mel });
  }

  /** The caches before the first token. */
  noCaches(cross: Tensors): Tensors {
    const caches: Tensors = {};
    for (let layer = 0; cross[`cross_k_${layer}`] !== undefined; layer++) {
      const width = (output(cross, `cross_k_${layer}`).dims[1] ?? 0) * headWidth;
      for (const kind of ["k", "v"]) caches[`self_${kind}_${layer}`] = floats(new Float32Array(0), [1, 0, width]);
    }
    return caches;
  }

  /** Feeds tokens that stand at `offset`, behind those in the caches. */
  async step(cross: Tensors, caches: Tensors, fed: { tokens: readonly number[]; offset: number }): Promise<Step> {
    const outputs = await runSession(this.#decoder, {
      ...cross,
      ...caches,
      tokens: longs(fed.tokens, [1, fed.tokens.length]),
      offset: longs([fed.offset]),
    });
    const logits = output(outputs, "logits");
    const alignment = output(outputs, "alignment");
    const [, heads = 0, tokens = 0, frames = 0] = alignment.dims;
    return {
      logits: floatsOf(logits),
      vocabulary: logits.dims[2] ?? 0,
      alignment: { scores: floatsOf(alignment), heads, tokens, frames },
      caches: Object.fromEntries(Object.keys(caches).map((name) => [name, output(outputs, `new_${name}`)])),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#mel.release(), this.#encoder.release(), this.#decoder.release()]);
  }
}
