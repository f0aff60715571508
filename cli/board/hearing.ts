import { sampleRate } from "../../contracts/ports.ts";
import { millis, seconds } from "../../contracts/units.ts";
import { openMount } from "../../drivers/mount.ts";
import type { Mount } from "../../drivers/registry.ts";
import { wavOf } from "../../runtime/wav.ts";
import { type GateResult, judge } from "./gates.ts";
import { type PartTest, type TestContext, using } from "./part.ts";
import { chirp, findPattern, loudest, measureSound, type SoundFigures } from "./sound.ts";
import { takeSound } from "./taking.ts";

const listened = seconds(4);
const round = (value: number): number => Math.round(value * 10) / 10;

const quality = ({ floor, clipping, offset }: SoundFigures): GateResult[] => [
  judge("mic.alive", floor),
  judge("mic.noise", floor),
  judge("mic.clipping", clipping),
  judge("mic.offset", offset),
];

/** F2: how quiet, undistorted and centred the room comes in. `speak`: a person speaks meanwhile, and stands out of the noise. */
export function micTest(mount: Mount<"mic">, { speak, ...context }: TestContext & { speak: boolean }): PartTest {
  return {
    part: "microphone",
    late: "mic.stalled",
    test: async (signal) => {
      const source = await openMount("mic", mount, context);
      if (speak) context.tell("say a few sentences now, with pauses between, as a candidate would");
      const length = speak ? 2 * listened : listened;
      const samples = await takeSound(source, length, { clock: context.clock, signal });
      const figures = measureSound(samples);
      const spoken = speak ? [judge("mic.snr", loudest(samples) - figures.floor)] : [];
      return {
        gates: [...quality(figures), ...spoken],
        figures: { level: round(figures.level), peak: round(figures.peak), floor: round(figures.floor) },
      };
    },
  };
}

/** Before the chirp and behind it, for the noise floor and a slow loudspeaker. */
const lead = millis(1000);
const behind = millis(1200);
/** A frame of 50 ms before and after what the pattern covers may hold its echo: only what lies before it is noise. */
const before = sampleRate / 10;

/** F2: what the loudspeaker plays is found again in what the microphone hears, and stands out of the noise. */
export function loopTest(mounts: { mic: Mount<"mic">; speaker: Mount<"speaker"> }, context: TestContext): PartTest {
  const { clock } = context;
  return {
    part: "speaker → microphone",
    late: "speaker.stalled",
    test: async (signal) => {
      const source = await openMount("mic", mounts.mic, context);
      const pattern = chirp();
      return using(openMount("speaker", mounts.speaker, context), async (speaker) => {
        speaker.setVolume(1);
        const length = lead + (pattern.length / sampleRate) * 1000 + behind;
        const hearing = takeSound(source, length, { clock, signal });
        const playing = clock.sleep(lead, signal).then(() => speaker.play(wavOf(pattern), signal));
        const [samples] = await Promise.all([hearing, playing]);
        const { at, correlation } = findPattern(samples, pattern);
        const heard = measureSound(samples.subarray(at, at + pattern.length));
        const quiet = measureSound(samples.subarray(0, Math.max(before, at - before)));
        const gates = [judge("speaker.heard", correlation)];
        if (gates[0]?.passed)
          gates.push(judge("mic.snr", heard.level - quiet.floor), judge("mic.clipping", heard.clipping));
        return { gates, figures: { chirpLevel: round(heard.level), floor: round(quiet.floor) } };
      });
    },
  };
}
