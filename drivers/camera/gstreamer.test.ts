import t from "tap";
import { Fault } from "../../contracts/fault.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { run } from "../../runtime/subprocess.ts";
import { runEncoder } from "../capture/encoder.ts";
import { openStandIn } from "../feeder/standin.ts";
import { cameraConformance } from "./conformance.ts";
import { gstreamerCamera } from "./gstreamer.ts";

const context = { clock: systemClock, log: silentLog() };
const picture = { width: 320, height: 180, framesPerSecond: 10 };
const wanted = gstreamerCamera.options.parse({
  source: "videotestsrc is-live=true",
  encoder: "x264enc tune=zerolatency speed-preset=ultrafast key-int-max={distance}",
  picture,
});

async function lacks(): Promise<string | false> {
  try {
    for (const element of ["videotestsrc", "x264enc", "h264parse", "matroskamux"])
      await run("gst-inspect-1.0", ["--exists", element]);
    return false;
  } catch {
    return "GStreamer is not installed here: gstreamer1.0-tools and -plugins-base, -good, -bad and -ugly";
  }
}
const skip = await lacks();

/** The real GStreamer behind a camera that can be pulled out: a test picture alone cannot. */
const camera = {
  name: "gst-launch-1.0",
  missing: "ERROR: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0: Cannot identify device '/dev/video0'.",
  busy: "ERROR: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0: Device '/dev/video0' is busy",
  reads: 'exec gst-launch-1.0 "$@"',
};

void t.test("through GStreamer's own encoder", { skip }, async (t) => {
  cameraConformance(t, picture.framesPerSecond, async () => {
    const { program, ...bench } = await openStandIn(camera);
    return { ...bench, open: () => gstreamerCamera.open({ ...wanted, program }, context) };
  });
});

void t.test("names the element that GStreamer lacks", { skip }, async (t) => {
  const encoder = "noSuchEncoder bitrate={distance}";
  const source = await gstreamerCamera.open({ ...wanted, encoder }, context);
  const { signal } = new AbortController();
  const options = { stream: "camera" as const, clock: systemClock, signal, onFirst: () => undefined };
  const outputs = ["-f", "null", "-"];
  await t.rejects(runEncoder({ source, outputs, takers: [() => undefined] }, options), {
    code: "process.missing",
    message: /noSuchEncoder/,
  });
});

void t.test("names the package where GStreamer is not installed", async (t) => {
  await t.rejects(gstreamerCamera.open({ ...wanted, program: "no-such-gst-launch" }, context), {
    code: "process.missing",
    message: /gstreamer1\.0-tools/,
  });
});

void t.test("takes one element where one is asked for, and an encoder whose key frames can be set", async (t) => {
  const { options } = gstreamerCamera;
  t.notOk(options.safeParse({ ...wanted, source: "v4l2src ! filesink" }).success);
  t.notOk(options.safeParse({ ...wanted, encoder: "x264enc" }).success);
  const source = await gstreamerCamera.open({ ...wanted, program: "true" }, context).catch((error: Fault) => error);
  t.notOk(source instanceof Fault);
  if (!(source instanceof Fault)) t.match(source.feeder?.args.join(" "), /key-int-max=5 ! h264parse/);
});
