import t from "tap";
import type { Context } from "../../agent/effects/context.ts";
import { execute } from "../../agent/effects/registry.ts";
import { Health } from "../../agent/health.ts";
import type { Effect } from "../../agent/session/effect.ts";
import { SpeakerPart } from "../../agent/speaker.ts";
import { promptText } from "../../contracts/prompt.ts";
import type { Question } from "../../contracts/rubric.ts";
import { samplesOf } from "../../drivers/emulator/sound.ts";
import { keepOpen } from "../../drivers/keep.ts";
import { emulatedSpeaker } from "../../drivers/speaker/emulated.ts";
import { sha256 } from "../../runtime/canonical.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { newPrivateKey, toBase64url } from "../../runtime/seal.ts";
import { run } from "../../runtime/subprocess.ts";
import { orderFor } from "../rigs/agent.ts";
import { type Run, toFirstQuestion } from "../rigs/interview.ts";
import { Rig, until } from "./capture-rig.ts";

const pitch = 440;
const sampleRate = 16_000;

/** Six seconds of one pitch as a prompt is made: Ogg Opus. What the microphone hears of it cannot be taken for anything else. */
async function hummed(question: Question): Promise<Question> {
  const source = ["-f", "lavfi", "-i", `sine=frequency=${pitch}:duration=6:sample_rate=24000`];
  const audio = await run("ffmpeg", [
    "-v",
    "error",
    ...source,
    "-c:a",
    "libopus",
    "-b:a",
    "16k",
    "-f",
    "ogg",
    "pipe:1",
  ]);
  const textHash = sha256(promptText(question, "en") ?? "");
  return { ...question, prompts: { en: { audio: toBase64url(audio), textHash, by: "voice" } } };
}

/** The level of the prompt's pitch in dBFS, in the loudest tenth of a second (Goertzel's algorithm). */
function humOf(samples: Int16Array): number {
  const [length, turn] = [sampleRate / 10, (2 * Math.PI * pitch) / sampleRate];
  let loudest = 0;
  for (let start = 0; start + length <= samples.length; start += length) {
    let [one, two] = [0, 0];
    for (const sample of samples.subarray(start, start + length))
      [one, two] = [sample / 32_768 + 2 * Math.cos(turn) * one - two, one];
    const power = one * one + two * two - 2 * Math.cos(turn) * one * two;
    loudest = Math.max(loudest, (2 * Math.sqrt(power)) / length);
  }
  return 20 * Math.log10(Math.max(loudest, 1e-6));
}

/** A candidate who presses start in the middle of the prompt, in a room where the microphone hears the speaker. */
async function answerOverPrompt(kept: (effect: Effect) => boolean): Promise<{ hum: number; seconds: number }> {
  const rig = await Rig.open();
  const clock = systemClock;
  const health = new Health({ clock, log: silentLog() });
  const speaker = new SpeakerPart({
    ...{ clock, log: silentLog(), health, volume: 1, duckedShare: 1, keep: keepOpen },
    open: () => emulatedSpeaker.open({ folder: rig.boardFolder }, { clock, log: silentLog() }),
    synthesise: async () => Buffer.alloc(0),
  });
  try {
    const mic = await rig.watching("mic");
    await rig.board.echo(0.5);
    await speaker.start();
    await until("the speaker", () => (health.beats()["speaker"]?.state === "working" ? true : undefined));
    const { rubric } = orderFor({ hr: await newPrivateKey() });
    const questions = await Promise.all(rubric.questions.map(hummed));
    const session: Run = toFirstQuestion({ rubric: { ...rubric, questions } });
    const context = {
      speaker,
      session: () => ({ ...session.session, sessionId: rig.sessionId, origin: rig.sessionStart }),
      folder: { keys: { content: rig.key }, media: rig.media },
      capture: (stream: string, request: Parameters<typeof mic.send>[0]) => stream === "mic" && mic.send(request),
      inference: () => undefined,
      wake: () => undefined,
    } as unknown as Context;
    const perform = async (effects: readonly Effect[]): Promise<void> => {
      for (const effect of effects) if (kept(effect)) await execute(effect, context);
    };
    await perform(session.effects);
    await until("the prompt", async () => ((await rig.board.state()).heard.running ? true : undefined));
    await clock.sleep(600);
    await perform(session.press("start"));
    await mic.wait("recording");
    await clock.sleep(1200);
    await perform(session.press("start"));
    const { answerId } = await mic.wait("stopped");
    await perform(
      session.take({ type: "recordingStopped", answerId, stream: "mic", atMillis: session.at, lost: false }),
    );
    await until("the next prompt", async () => ((await rig.board.state()).heard.clips === 2 ? true : undefined));
    const samples = samplesOf(await rig.unsealed(mic.segments));
    return { hum: humOf(samples), seconds: samples.length / sampleRate };
  } finally {
    await speaker.stop();
    await rig.stop();
  }
}

t.test("a prompt is never recorded as an answer, though the microphone hears the speaker", async (t) => {
  const { hum, seconds } = await answerOverPrompt(() => true);
  t.ok(seconds > 0.9, `an answer of ${seconds.toFixed(1)} s was recorded`);
  t.ok(hum < -65, `the prompt's pitch at ${hum.toFixed(1)} dBFS`);
});

t.test("without the hush before the recording the same measure finds the prompt in the answer", async (t) => {
  const { hum } = await answerOverPrompt((effect) => effect.do !== "hush");
  t.ok(hum > -40, `the prompt's pitch at ${hum.toFixed(1)} dBFS`);
});
