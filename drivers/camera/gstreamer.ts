import { z } from "zod";
import { Fault } from "../../contracts/fault.ts";
import { blameDevice } from "../blame.ts";
import { installed } from "../feeder/program.ts";
import { type CameraSource, defineDriver, type SourceEnd } from "../port.ts";

/** An element of GStreamer with its properties, as gst-launch-1.0 reads it; nothing that would begin another element. */
const element = z
  .string()
  .min(1)
  .regex(/^[^!\s]+(\s+[^!\s]+)*$/, "one element and its properties");

const options = z.strictObject({
  /** `v4l2src device=/dev/video0`, `nvarguscamerasrc sensor-id=0`, … */
  source: element,
  /** What the source is to give, without size and rate: `video/x-raw(memory:NVMM),format=NV12` on a Jetson. */
  caps: z.string().regex(/^\S+$/).default("video/x-raw"),
  /** Elements between the source and the encoder: `videoconvert`, `nvvidconv`, … */
  convert: z.array(element).default([]),
  /**
   * The board's own encoder, without B-frames. `{distance}` becomes the number of frames between key frames:
   * `v4l2h264enc extra-controls=controls,h264_i_frame_period={distance}`, `nvv4l2h264enc iframeinterval={distance}`,
   * `mpph264enc gop={distance}`, `x264enc tune=zerolatency key-int-max={distance}`.
   */
  encoder: element.includes("{distance}"),
  picture: z
    .strictObject({ width: z.int().positive(), height: z.int().positive(), framesPerSecond: z.int().positive() })
    .default({ width: 1280, height: 720, framesPerSecond: 15 }),
  /** Age of the newest data at which it counts as stalled. */
  stallMillis: z.int().min(500).default(3000),
  program: z.string().min(1).default("gst-launch-1.0"),
});
type Options = z.output<typeof options>;

/** Some sources print to stdout (nvarguscamerasrc does), where the pictures would go: they get a pipe of their own. */
const apart = ["-c", 'exec "$0" "$@" 3>&1 1>&2'];

function pipeline({ source, caps, convert, encoder, picture }: Options): string[] {
  const { width, height, framesPerSecond } = picture;
  // Two key frames a second: what capture promises of a recording's beginning, and its live pictures.
  const distance = String(Math.max(1, Math.round(framesPerSecond / 2)));
  const elements = [
    source,
    `${caps},width=${width},height=${height},framerate=${framesPerSecond}/1`,
    ...convert,
    encoder.replaceAll("{distance}", distance),
    "h264parse",
    // Plain H.264 in a pipe has no times; Matroska keeps those that the camera gave.
    "matroskamux streamable=true",
    "fdsink fd=3",
  ];
  return elements.flatMap((one, at) => [...(at === 0 ? [] : ["!"]), ...one.split(/\s+/)]);
}

const noElement = /no element "([^"]+)"/;

function blame(source: string, end: SourceEnd): Fault {
  const [, name] = noElement.exec(end.complaint) ?? [];
  if (name === undefined) return blameDevice("camera", source, end);
  const remedy = `GStreamer has no element ${name}: install its plug-in, or name the board's own`;
  return new Fault("process.missing", remedy, { cause: end.complaint });
}

/** @throws Fault process.missing */
async function openGstreamer(wanted: Options): Promise<CameraSource> {
  const program = await installed([wanted.program], "gstreamer1.0-tools");
  return {
    ...wanted.picture,
    encoded: "h264",
    feeder: { program: "sh", args: [...apart, program, "--quiet", ...pipeline(wanted)] },
    input: ["-f", "matroska", "-i", "pipe:0"],
    stallAfter: wanted.stallMillis,
    blame: (end) => blame(wanted.source, end),
  };
}

export const gstreamerCamera = defineDriver({
  kind: "camera",
  summary:
    "A camera with the board's own H.264 encoder, through GStreamer (Jetson, Rockchip, Pi 4); tried with x264enc only",
  options,
  open: openGstreamer,
});
