import { delimiter, dirname } from "node:path";
import t from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { openStandIn } from "../feeder/standin.ts";
import { cameraConformance } from "./conformance.ts";
import { libcameraCamera } from "./libcamera.ts";

const context = { clock: systemClock, log: silentLog() };
const picture = { width: 320, height: 180, framesPerSecond: 10 };
const wanted = libcameraCamera.options.parse({ picture });

/** The camera's end: ffmpeg's test picture, in the size and rate that the driver asks for. */
const rpicamVid = {
  name: "rpicam-vid",
  missing: "ERROR: *** no cameras available ***",
  busy: "ERROR: *** failed to acquire camera /base/soc/i2c0mux/i2c@1/imx219@10 ***",
  reads: `while [ $# -gt 0 ]; do
  case "$1" in
    --width) width=$2 ;; --height) height=$2 ;; --framerate) rate=$2 ;; --codec) codec=$2 ;; --output) output=$2 ;;
  esac
  shift
done
[ "$codec $output" = "yuv420 -" ] || { echo "ERROR: *** unexpected options ***" >&2; exit 1; }
exec ffmpeg -nostdin -v error -re -f lavfi -i "testsrc2=size=\${width}x\${height}:rate=$rate" -pix_fmt yuv420p -f rawvideo -flush_packets 1 pipe:1`,
};

cameraConformance(t, picture.framesPerSecond, async () => {
  const { program, ...bench } = await openStandIn(rpicamVid);
  return { ...bench, open: () => libcameraCamera.open({ ...wanted, programs: [program] }, context) };
});

void t.test("uses the program's older name where the newer one is not installed", async (t) => {
  const { program, close } = await openStandIn({ ...rpicamVid, name: "libcamera-vid" });
  const path = process.env["PATH"] ?? "";
  process.env["PATH"] = [dirname(program), path].join(delimiter);
  t.teardown(async () => {
    process.env["PATH"] = path;
    await close();
  });
  const programs = ["no-such-rpicam-vid", "libcamera-vid"];
  t.equal((await libcameraCamera.open({ ...wanted, programs }, context)).feeder?.program, "libcamera-vid");
});

void t.test("names the package where neither is installed", async (t) => {
  const programs = ["no-such-rpicam-vid", "no-such-libcamera-vid"];
  await t.rejects(libcameraCamera.open({ ...wanted, programs }, context), {
    code: "process.missing",
    message: /rpicam-apps/,
  });
});
