import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { parse } from "../../runtime/parse.ts";
import { run } from "../../runtime/subprocess.ts";
import { type AlsaSetup, configureAlsa } from "../alsa/standin.ts";
import { alsaMic } from "./alsa.ts";

/** Each channel of the array hears the same tone, this loud (of full scale). */
const loudness = [0.02, 0.04, 0.4, 0.08];

/** An array of four channels: it has four, no fewer and no more. */
async function plugArray(): Promise<AlsaSetup> {
  const bindings = loudness.map((_, at) => `${at} { slave a channel ${at} }`).join(" ");
  const setup = await configureAlsa((folder) => [
    `pcm.four { type multi slaves.a.pcm "null" slaves.a.channels ${loudness.length} bindings { ${bindings} } }`,
    `pcm.array { type file slave.pcm "four" file "/dev/null" infile "${join(folder, "array.raw")}" format raw }`,
  ]);
  const waves = loudness.map((loud) => `${loud}*sin(2*PI*440*t)`).join("|");
  const source = ["-f", "lavfi", "-i", `aevalsrc=exprs=${waves}:sample_rate=16000:duration=3`];
  await run("ffmpeg", ["-v", "error", ...source, "-f", "s16le", join(setup.folder, "array.raw")]);
  return setup;
}

const open = (options: object) =>
  alsaMic.open(parse(alsaMic.options, options, { what: "options", otherwise: "config.invalid" }), {
    clock: systemClock,
    log: silentLog(),
  });

/** 22 periods of the tone. */
const stretch = 800 * 2;

/** Root mean square of what the source gives in half a second, of full scale: of its loudest stretch, for a busy machine makes gaps. */
async function level(options: object): Promise<number> {
  const { input, filter = "anull" } = await open({ device: "array", ...options });
  const plain = ["-t", "0.5", "-af", filter, "-ar", "16000", "-ac", "1", "-f", "s16le", "pipe:1"];
  const bytes = await run("ffmpeg", ["-nostdin", "-v", "error", ...input, ...plain]);
  let loudest = 0;
  for (let from = 0; from + stretch <= bytes.length; from += stretch) {
    let squares = 0;
    for (let at = from; at < from + stretch; at += 2) squares += (bytes.readInt16LE(at) / 32_768) ** 2;
    loudest = Math.max(loudest, Math.sqrt(squares / (stretch / 2)));
  }
  return loudest;
}

/** A sine of this amplitude, within a rounding. */
const isTone = (measured: number, amplitude: number): boolean => Math.abs(measured * Math.SQRT2 - amplitude) < 0.005;

/** It asks the devices here, as it does on every board. */
const skip = await run("arecord", ["--version"]).then(
  () => false,
  () => "arecord is not installed here: alsa-utils",
);
const { close } = await plugArray();
t.teardown(close);

t.test(
  "an array is opened with the channels it has, and gives the one that is asked for, or the mean",
  { skip },
  async (t) => {
    t.match((await open({ device: "array" })).input.join(" "), /-channels 4 -sample_rate 16000 -i array$/);
    const third = await level({ take: { channel: 2 } });
    t.ok(isTone(third, 0.4), `channel 2: ${third}`);
    const mix = await level({});
    t.ok(isTone(mix, (0.02 + 0.04 + 0.4 + 0.08) / 4), `mean: ${mix}`);
  },
);

t.test("a device of no array is opened with one channel, without a filter", { skip }, async (t) => {
  const { input, filter } = await open({ device: "null" });
  t.match(input.join(" "), /-c:a pcm_s16le -channels 1 -sample_rate 16000 -i null$/);
  t.equal(filter, undefined);
});

t.test("what is not offered is refused by what is, and what is not there is missing", { skip }, async (t) => {
  await t.rejects(open({ device: "array", channels: 2 }), { code: "mic.format", message: /4 channels/ });
  await t.rejects(open({ device: "array", take: { channel: 4 } }), { code: "mic.format" });
  await t.rejects(open({ device: "hw:CARD=Nobody,DEV=0" }), { code: "mic.missing" });
  await t.rejects(open({ device: "nobody" }), { code: "mic.missing" });
});

t.test("a machine without arecord is told which package has it", async (t) => {
  const path = process.env["PATH"];
  // setpriv, which starts every program of ours, has to be found still.
  const setpriv = (await run("sh", ["-c", "command -v setpriv"])).toString().trim();
  const bin = t.testdir({ bin: { setpriv: t.fixture("symlink", setpriv) } });
  process.env["PATH"] = join(bin, "bin");
  t.teardown(() => {
    process.env["PATH"] = path;
  });
  await t.rejects(open({ device: "array" }), { code: "process.missing", message: /alsa-utils/ });
});
