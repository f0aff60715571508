import { seconds } from "../../contracts/units.ts";
import { openMount } from "../../drivers/mount.ts";
import type { Mount } from "../../drivers/registry.ts";
import { openEngines } from "../../inference/equipment.ts";
import { framing } from "../../inference/signals/framing.ts";
import { judge } from "./gates.ts";
import type { Found, PartTest, TestContext } from "./part.ts";
import { measurePicture } from "./picture.ts";
import { takePicture, takePictures } from "./taking.ts";

const watched = seconds(3);
const round = (value: number): number => Math.round(value * 10) / 10;

/** F1: the camera delivers, sees enough light, and is sharp. */
export function cameraTest(mount: Mount<"camera">, context: TestContext): PartTest {
  return {
    part: "camera",
    late: "camera.stalled",
    test: async (signal) => {
      const source = await openMount("camera", mount, context);
      const { last, perSecond } = await takePictures(source, watched, { clock: context.clock, signal });
      const { brightness, burnt, focus } = measurePicture(last);
      return {
        gates: [
          judge("camera.rate", perSecond / source.framesPerSecond),
          judge("camera.brightness", brightness),
          judge("camera.burnt", burnt),
          judge("camera.focus", focus),
        ],
        figures: {
          picture: `${source.width}×${source.height}`,
          framesPerSecond: round(perSecond),
          promisedFramesPerSecond: source.framesPerSecond,
        },
      };
    },
  };
}

/** F1: one face stands well in the picture. A person has to sit there, so it is asked for. */
export function framingTest(
  mount: Mount<"camera">,
  { modelsDirectory, ...context }: TestContext & { modelsDirectory?: string },
): PartTest {
  return {
    part: "framing",
    late: "camera.stalled",
    limit: seconds(60),
    test: async (signal): Promise<Found> => {
      const where = modelsDirectory === undefined ? {} : { modelsDirectory };
      const { faceFinder, close } = await openEngines({ which: ["faceFinder"], ...where });
      try {
        if ("fault" in faceFinder) return { skip: `faces cannot be looked for: ${faceFinder.fault.message}` };
        const source = await openMount("camera", mount, context);
        const picture = await takePicture(source, { clock: context.clock, signal });
        const { faces, advice, box } = framing.compute(await faceFinder.engine.find(picture), 0);
        return {
          gates: [judge("camera.framing", advice === "none" ? 1 : 0)],
          figures: { faces, advice, ...(box === null ? {} : { faceWidth: box.width }) },
        };
      } finally {
        await close();
      }
    },
  };
}
