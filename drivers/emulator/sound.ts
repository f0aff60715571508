import { Fault } from "../../contracts/fault.ts";
import { run } from "../../runtime/subprocess.ts";
import { sound } from "./protocol.ts";

/** Samples of a uniform noise of ±18: rms 10.4, -70 dBFS, a quiet room through a fair microphone. */
const noiseAmplitude = 18;
const noiseSamples = 3 * sound.sampleRate;

/** The same noise in every run (xorshift32, Marsaglia 2003), never digital zero. */
function quietRoom(): Int16Array {
  const noise = new Int16Array(noiseSamples);
  let state = 0x9e3779b9;
  for (let at = 0; at < noise.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    noise[at] = ((state >>> 0) % (2 * noiseAmplitude + 1)) - noiseAmplitude;
  }
  return noise;
}

/** Any sound ffmpeg reads, as s16 16 kHz mono. @throws Fault file.unreadable */
export async function decodeSound(file: string): Promise<Int16Array> {
  const shape = ["-ac", "1", "-ar", String(sound.sampleRate), "-f", "s16le", "pipe:1"];
  try {
    const bytes = await run("ffmpeg", ["-hide_banner", "-nostdin", "-loglevel", "error", "-i", file, ...shape]);
    return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 2)));
  } catch (error) {
    throw new Fault("file.unreadable", "the clip cannot be read as sound: is the path right, and from where?", {
      cause: error,
    });
  }
}

type Playing = { clip: Int16Array; at: number; onEnd: (interrupted: boolean) => void };

/** What the emulated microphone hears: the room, and the clip that is being played. */
export class Room {
  readonly #noise = quietRoom();
  #noiseAt = 0;
  #playing: Playing | undefined;

  get playing(): boolean {
    return this.#playing !== undefined;
  }

  /** Heard from the next sample on; takes the place of the clip before. */
  play(clip: Int16Array, onEnd: (interrupted: boolean) => void): void {
    this.stop();
    if (clip.length === 0) onEnd(false);
    else this.#playing = { clip, at: 0, onEnd };
  }

  stop(): void {
    const playing = this.#playing;
    this.#playing = undefined;
    playing?.onEnd(true);
  }

  /** The next `count` samples, s16le. */
  hear(count: number): Uint8Array {
    const heard = new Int16Array(count);
    const playing = this.#playing;
    for (let at = 0; at < count; at++) {
      const noise = this.#noise[this.#noiseAt] ?? 0;
      this.#noiseAt = (this.#noiseAt + 1) % this.#noise.length;
      const voice = playing?.clip[playing.at + at] ?? 0;
      heard[at] = Math.max(-32_768, Math.min(32_767, noise + voice));
    }
    if (playing !== undefined) {
      playing.at += count;
      if (playing.at >= playing.clip.length) {
        this.#playing = undefined;
        playing.onEnd(false);
      }
    }
    return new Uint8Array(heard.buffer);
  }
}
