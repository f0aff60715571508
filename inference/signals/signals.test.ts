import t from "tap";
import type { Utterance } from "../../contracts/observation.ts";
import { framing, pace, soundQuality, transcript } from "./registry.ts";

const utterance = (text: string, start: number, end: number): Utterance => ({
  start,
  end,
  language: /\p{Script=Han}/u.test(text) ? "zh-CN" : "en",
  text,
  confidence: 0.9,
  words: [],
});

t.test("Chinese joins without blanks and marks a pause, English joins with a blank", async (t) => {
  t.equal(
    transcript.compute(
      [utterance("我先做了压测", 0, 1), utterance("然后拆分服务。", 2, 3), utterance("最后上线", 4, 5)],
      "en",
    ).text,
    "我先做了压测，然后拆分服务。最后上线",
  );
  t.equal(
    transcript.compute([utterance("We tested it.", 0, 1), utterance("Then we split it.", 2, 3)], "en").text,
    "We tested it. Then we split it.",
  );
});

t.test("the answer's language is that of most of its speech", async (t) => {
  t.equal(transcript.compute([utterance("OK", 0, 300), utterance("我负责后端", 1000, 3000)], "en").language, "zh-CN");
});

t.test("an answer in which nothing was said has an empty transcript", async (t) => {
  t.same(transcript.compute([], "zh-CN"), { language: "zh-CN", text: "", utterances: [] });
});

t.test("pace counts speech, not silence, and names the pauses", async (t) => {
  const found = pace.compute({
    speech: [
      { start: 1500, end: 11_500 },
      { start: 13_500, end: 23_500 },
    ],
    words: 50,
    from: 500,
    breaks: [],
  });
  t.same(found, {
    speechMillis: 20_000,
    latencyMillis: 1000,
    wordsPerMinute: 150,
    pauses: [{ start: 11_500, end: 13_500 }],
  });
});

t.test("a gap of the recording is no pause of the candidate", async (t) => {
  t.same(
    pace.compute({
      speech: [
        { start: 0, end: 1000 },
        { start: 9000, end: 10_000 },
      ],
      words: 4,
      from: 0,
      breaks: [8000],
    }).pauses,
    [],
  );
});

t.test("nobody speaking gives no latency and no pace", async (t) => {
  t.same(pace.compute({ speech: [], words: 0, from: 0, breaks: [] }), {
    speechMillis: 0,
    latencyMillis: null,
    wordsPerMinute: 0,
    pauses: [],
  });
});

t.test("a sine at half scale measures -9 dBFS", async (t) => {
  const meter = soundQuality.compute();
  meter.add(Float32Array.from({ length: 16_000 }, (_, at) => 0.5 * Math.sin((2 * Math.PI * 440 * at) / 16_000)));
  const { rmsDbfs, clipped, usable } = meter.result();
  t.equal(rmsDbfs, -9);
  t.equal(clipped, 0);
  t.equal(usable, true);
});

t.test("samples at full scale count as clipped", async (t) => {
  const meter = soundQuality.compute();
  meter.add(Float32Array.of(-1, 0, 32_767 / 32_768, 0.5));
  t.equal(meter.result().clipped, 0.5);
});

t.test("digital silence, a stuck sample and no sound at all are not usable", async (t) => {
  for (const pcm of [new Float32Array(512), new Float32Array(512).fill(0.25), new Float32Array(0)]) {
    const meter = soundQuality.compute();
    meter.add(pcm);
    t.equal(meter.result().usable, false);
  }
});

t.test("framing tells one thing at a time", async (t) => {
  const face = { left: 0.4, top: 0.4, width: 0.2, height: 0.2, confidence: 0.9 };
  const advice = (...faces: (typeof face)[]): string => framing.compute(faces, 10).advice;
  t.equal(advice(face), "none");
  t.equal(advice(), "noFace");
  t.equal(advice({ ...face, confidence: 0.2 }), "noFace");
  t.equal(advice(face, { ...face, left: 0 }), "severalFaces");
  t.equal(advice(face, { ...face, left: 0, width: 0.05, height: 0.05 }), "none", "a poster far behind does not count");
  t.equal(advice({ ...face, width: 0.05, height: 0.05 }), "moveCloser");
  t.equal(advice({ ...face, left: 0.1, width: 0.8, height: 0.8 }), "moveBack");
  t.equal(advice({ ...face, left: 0 }), "moveToCentre");
});
