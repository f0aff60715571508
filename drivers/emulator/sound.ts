import { Fault } from "../../contracts/fault.ts";
import { run } from "../../runtime/subprocess.ts";
import { sound } from "./protocol.ts";

/** A quiet room through a fair microphone. */
const quietDbfs = -70;
const noiseSamples = 3 * sound.sampleRate;

/** Uniform noise of this root mean square; the same in every run (xorshift32, Marsaglia 2003). */
function roomNoise(dbfs: number): Int16Array {
  const noise = new Int16Array(noiseSamples);
  const amplitude = Math.round(32_768 * 10 ** (dbfs / 20) * Math.sqrt(3));
  let state = 0x9e3779b9;
  for (let at = 0; at < noise.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    noise[at] = inRange(((state >>> 0) % (2 * amplitude + 1)) - amplitude);
  }
  return noise;
}

const quiet = ["-hide_banner", "-nostdin", "-loglevel", "error"];
const shape = ["-ac", "1", "-ar", String(sound.sampleRate), "-f", "s16le", "pipe:1"];

/** s16le as samples. An odd last byte is dropped. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  const whole = bytes.byteLength - (bytes.byteLength % 2);
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + whole) as ArrayBuffer);
}

/** Any sound ffmpeg reads, as s16 16 kHz mono. @throws Fault file.unreadable */
export async function decodeSound(file: string): Promise<Int16Array> {
  try {
    return samplesOf(await run("ffmpeg", [...quiet, "-i", file, ...shape]));
  } catch (error) {
    throw new Fault("file.unreadable", "the clip cannot be read as sound: is the path right, and from where?", {
      cause: error,
    });
  }
}

/** The bytes of a sound file as s16 16 kHz mono. @throws Fault media.unreadable */
export async function decodeClip(clip: Uint8Array, signal: AbortSignal): Promise<Int16Array> {
  try {
    return samplesOf(await run("ffmpeg", [...quiet, "-i", "pipe:0", "-vn", ...shape], { input: clip, signal }));
  } catch (error) {
    throw new Fault("media.unreadable", "the clip cannot be read as sound: render or record it again", {
      cause: error,
    });
  }
}

type Playing = { clip: Int16Array; at: number; onEnd: (interrupted: boolean) => void };

const inRange = (sample: number): number => Math.max(-32_768, Math.min(32_767, sample));

/** What the emulated microphone hears: the room, the clip that is being played to it, and a share of the speaker. */
export class Room {
  #noise = roomNoise(quietDbfs);
  #gain = 1;
  #noiseAt = 0;
  #playing: Playing | undefined;
  /** Of the speaker's sound. */
  echoShare = 0;

  get playing(): boolean {
    return this.#playing !== undefined;
  }

  setNoise(dbfs: number): void {
    this.#noise = roomNoise(dbfs);
  }

  setGain(decibels: number): void {
    this.#gain = 10 ** (decibels / 20);
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

  /** The next `count` samples, s16le; `spoken` are those of the speaker. */
  hear(count: number, spoken: Int16Array): Uint8Array {
    const heard = new Int16Array(count);
    const playing = this.#playing;
    for (let at = 0; at < count; at++) {
      const noise = this.#noise[this.#noiseAt] ?? 0;
      this.#noiseAt = (this.#noiseAt + 1) % this.#noise.length;
      const voice = playing?.clip[playing.at + at] ?? 0;
      const echo = (spoken[at] ?? 0) * this.echoShare;
      heard[at] = inRange(Math.round((noise + voice + echo) * this.#gain));
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
