import { join } from "node:path";
import { sampleRate } from "../../contracts/ports.ts";
import { run } from "../../runtime/subprocess.ts";

/** One way to make the same recording otherwise. `rmsDbfs` is the level of the original. */
export type Variant = { group: VariantGroup; name: string; filter: (rmsDbfs: number) => string };
export const variantGroups = ["speed", "pitch", "formants", "loudness", "noise"] as const;
export type VariantGroup = (typeof variantGroups)[number];

/** Librubberband through ffmpeg: `formant=preserved` moves the pitch and leaves the size of the throat, `shifted` moves both. */
const tempo = (factor: number): Variant => ({
  group: "speed",
  name: `speed × ${factor}`,
  filter: () => `rubberband=tempo=${factor}`,
});
const signed = (value: number): string => (value < 0 ? `−${-value}` : `+${value}`);
const pitch = (semitones: number): Variant => ({
  group: "pitch",
  name: `pitch ${signed(semitones)} st`,
  filter: () => `rubberband=pitch=${2 ** (semitones / 12)}:formant=preserved`,
});
const formants = (semitones: number): Variant => ({
  group: "formants",
  name: `pitch and formants ${signed(semitones)} st`,
  filter: () => `rubberband=pitch=${2 ** (semitones / 12)}:formant=shifted`,
});
/** Louder than full scale would be clipping, another change: the limiter holds the peaks. */
const loudness = (decibels: number): Variant => ({
  group: "loudness",
  name: `loudness ${signed(decibels)} dB`,
  filter: () => `volume=${decibels}dB${decibels > 0 ? ",alimiter=limit=0.99:level=disabled" : ""}`,
});

/** RMS of `anoisesrc=c=pink:a=1` as ffmpeg's astats measures it. */
const pinkDbfs = -14.3;
/** The spectrum of a room's noise falls with frequency: pink, the same samples each time (the seed). */
const noise = (ratio: number): Variant => ({
  group: "noise",
  name: `room noise, ${ratio} dB below the voice`,
  filter: (rmsDbfs) => {
    const amplitude = Math.min(1, 10 ** ((rmsDbfs - ratio - pinkDbfs) / 20));
    return `anull[voice];anoisesrc=c=pink:a=${amplitude.toFixed(6)}:seed=7:r=${sampleRate}[noise];[voice][noise]amix=inputs=2:duration=first:normalize=0`;
  },
});

/** What a candidate cannot help: speed 0.8 to 1.25, pitch ± 3 semitones, loudness, a room's noise. */
export const variants: readonly Variant[] = [
  ...[0.8, 0.9, 1.1, 1.25].map(tempo),
  ...[-3, 3].map(pitch),
  ...[-3, 3].map(formants),
  ...[-15, 6].map(loudness),
  ...[25, 15].map(noise),
];

/**
 * Makes the variant of a recording as a WAV file in `folder`, as long as the original or by its tempo.
 * @throws Fault process.missing, process.exited where ffmpeg is missing, lacks librubberband or cannot read the file
 */
export async function makeVariant(
  recording: string,
  variant: Variant,
  { folder, rmsDbfs }: { folder: string; rmsDbfs: number },
): Promise<string> {
  const out = join(folder, "variant.wav");
  const chain = `[0:a:0]aresample=${sampleRate},${variant.filter(rmsDbfs)}[out]`;
  await run("ffmpeg", [
    ...["-nostdin", "-v", "error", "-y", "-i", `file:${recording}`],
    ...["-filter_complex", chain, "-map", "[out]", "-ac", "1", "-ar", String(sampleRate), "-c:a", "pcm_s16le", out],
  ]);
  return out;
}
