import t from "tap";
import { run } from "../../runtime/subprocess.ts";
import { type Cut, type Fragment, Fragments } from "./boxes.ts";

const source = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=2"];
const h264 = [
  "-c:v",
  "libx264",
  "-preset",
  "ultrafast",
  "-tune",
  "zerolatency",
  "-g",
  "5",
  "-keyint_min",
  "5",
  "-sc_threshold",
  "0",
];
const flags = "frag_every_frame+empty_moov+default_base_moof";
const encode = (): Promise<Buffer> =>
  run("ffmpeg", ["-nostdin", "-loglevel", "error", ...source, ...h264, "-f", "mp4", "-movflags", flags, "pipe:1"]);

function cut(mp4: Buffer, step: number): Cut[] {
  const fragments = new Fragments();
  const cuts: Cut[] = [];
  for (let at = 0; at < mp4.length; at += step) cuts.push(...fragments.push(mp4.subarray(at, at + step)));
  return cuts;
}
const fragmentsOf = (cuts: Cut[]): Fragment[] => cuts.flatMap((one) => ("fragment" in one ? [one.fragment] : []));

t.test("cuts what ffmpeg writes at its frames, with time and key frames, however the bytes come", async (t) => {
  const mp4 = await encode();
  const cuts = cut(mp4, 777);
  t.strictSame(cut(mp4, mp4.length), cuts);
  t.ok(cuts[0] !== undefined && "initialisation" in cuts[0]);
  const frames = fragmentsOf(cuts);
  t.equal(frames.length, 20);
  t.strictSame(
    frames.map(({ start }) => Math.round(start)),
    Array.from({ length: 20 }, (_, at) => at * 100),
  );
  t.ok(frames.every(({ duration }) => Math.abs(duration - 100) < 1));
  t.strictSame(
    frames.map(({ key }) => key),
    Array.from({ length: 20 }, (_, at) => at % 5 === 0),
  );
});

t.test("initialisation and fragments from a key frame on can be decoded by themselves", async (t) => {
  const cuts = cut(await encode(), 1000);
  const head = cuts.flatMap((one) => ("initialisation" in one ? [one.initialisation] : []));
  const tail = fragmentsOf(cuts)
    .slice(10)
    .map(({ bytes }) => bytes);
  const gray = ["-f", "rawvideo", "-pix_fmt", "gray", "-fps_mode", "passthrough", "pipe:1"];
  const pixels = await run("ffmpeg", ["-loglevel", "error", "-i", "pipe:0", ...gray], {
    input: Buffer.concat([...head, ...tail]),
  });
  t.equal(pixels.length, 10 * 64 * 48);
});

t.test("refuses what is no MP4", async (t) => {
  t.throws(() => new Fragments().push(Buffer.from("\0\0\0\x01ftyp")), { code: "media.unreadable" });
  t.throws(() => new Fragments().push(Buffer.from("\0\0\0\x08mdat")), { code: "media.unreadable" });
});
