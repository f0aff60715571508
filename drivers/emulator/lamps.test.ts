import t from "tap";
import { Lamps } from "./lamps.ts";

t.test("a lamp is lit while one of its holders shows it, and dark when the last lets go", async (t) => {
  const changes: [string, boolean][] = [];
  const lamps = new Lamps((line, lit) => changes.push([line, lit]));
  const [mic, camera] = [{}, {}];
  t.strictSame(lamps.all, { recording: false });
  lamps.show(mic, { do: "led", line: "recording-mic", look: "recording" });
  lamps.show(camera, { do: "led", line: "recording-camera", look: "recording" });
  lamps.release(mic);
  t.strictSame(lamps.all, { recording: true, "recording-mic": false, "recording-camera": true });
  lamps.release(camera);
  t.strictSame(lamps.all, { recording: false, "recording-mic": false, "recording-camera": false });
  t.strictSame(
    changes.filter(([line]) => line === "recording"),
    [
      ["recording", true],
      ["recording", false],
    ],
  );
});
