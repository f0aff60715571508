const headBytes = 44;
const sampleBytes = 2;

/** Samples as a WAV file (RIFF, PCM s16le, one channel), which every player reads; `sampleRate` in Hz. */
export function wavOf(samples: Int16Array, sampleRate = 16_000): Buffer {
  const length = samples.length * sampleBytes;
  const wav = Buffer.alloc(headBytes + length);
  wav.write("RIFF", 0, "latin1");
  wav.writeUInt32LE(headBytes - 8 + length, 4);
  wav.write("WAVEfmt ", 8, "latin1");
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(sampleRate, 24);
  wav.writeUInt32LE(sampleRate * sampleBytes, 28);
  wav.writeUInt16LE(sampleBytes, 32);
  wav.writeUInt16LE(8 * sampleBytes, 34);
  wav.write("data", 36, "latin1");
  wav.writeUInt32LE(length, 40);
  samples.forEach((sample, at) => void wav.writeInt16LE(sample, headBytes + at * sampleBytes));
  return wav;
}
