import t from "tap";
import { run } from "../runtime/subprocess.ts";
import { blameDevice } from "./blame.ts";

const blamed = (complaint: string): string => blameDevice("camera", "/dev/video0", { received: false, complaint }).code;

/** What this machine's ffmpeg says when it cannot read it. */
async function complaint(...input: readonly string[]): Promise<string> {
  try {
    await run("ffmpeg", ["-nostdin", "-v", "warning", ...input, "-f", "null", "-"]);
    return "it could be read";
  } catch (error) {
    return (error as Error).message;
  }
}

t.test("reads this ffmpeg's words for devices that are not there or no devices", async (t) => {
  t.equal(blamed(await complaint("-f", "v4l2", "-i", "/dev/no-such-video")), "camera.missing");
  t.equal(blamed(await complaint("-f", "v4l2", "-i", "/dev/null")), "camera.format");
  const card = await complaint("-f", "alsa", "-i", "hw:CARD=NoSuchCard");
  t.equal(blameDevice("mic", "hw:CARD=NoSuchCard", { received: false, complaint: card }).code, "mic.missing");
});

const sayings: Record<string, string> = {
  "/dev/video0: Permission denied": "camera.permission",
  "[video4linux2,v4l2 @ 0x5] ioctl(VIDIOC_S_FMT): Device or resource busy": "camera.busy",
  "[video4linux2,v4l2 @ 0x5] ioctl(VIDIOC_STREAMON): No space left on device": "camera.format",
  "[video4linux2,v4l2 @ 0x5] Cannot find a proper format for codec 'h264' (id 27), pixel format 'none' (id -1)":
    "camera.format",
  "[video4linux2,v4l2 @ 0x5] Not a video capture device.": "camera.format",
  "ERROR: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0: Device '/dev/video0' is busy": "camera.busy",
  "ERROR: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0: Cannot identify device '/dev/video9'.":
    "camera.missing",
  "streaming stopped, reason not-negotiated (-4)": "camera.format",
  "ERROR: *** no cameras available ***": "camera.missing",
  "Pipeline handler in use by another process\nERROR: *** failed to acquire camera /base/soc/i2c0mux/imx219@10 ***":
    "camera.busy",
  "Segmentation fault": "camera.lost",
};

t.test("knows the words of ffmpeg, GStreamer and libcamera for each failure", async (t) => {
  for (const [said, code] of Object.entries(sayings)) t.equal(blamed(said), code, said);
});

t.test("a device that delivered was lost, whatever is said at its end", async (t) => {
  const end = { received: true, complaint: "ioctl(VIDIOC_DQBUF): No such device" };
  t.equal(blameDevice("camera", "/dev/video0", end).code, "camera.lost");
});
