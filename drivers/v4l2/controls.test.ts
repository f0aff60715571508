import t from "tap";
import { controls, settle } from "./controls.ts";

const offer = (...names: string[]) => names.map((name) => ({ name, type: "int", inactive: false }));

t.test("sets what is offered under the name this kernel has for it, automatic modes first", async (t) => {
  const wish = controls.parse({
    autofocus: false,
    exposure: 250,
    whiteBalance: 4500,
    powerLineHertz: 50,
    steadyRate: true,
  });
  const newer = settle(
    wish,
    offer(
      "white_balance_automatic",
      "power_line_frequency",
      "white_balance_temperature",
      "auto_exposure",
      "exposure_time_absolute",
      "exposure_dynamic_framerate",
      "focus_automatic_continuous",
    ),
  );
  t.strictSame(newer, {
    set: [
      "focus_automatic_continuous=0",
      "auto_exposure=1",
      "exposure_time_absolute=250",
      "exposure_dynamic_framerate=0",
      "white_balance_automatic=0",
      "white_balance_temperature=4500",
      "power_line_frequency=1",
    ],
    absent: [],
  });
  const older = settle(wish, offer("exposure_auto", "exposure_absolute", "white_balance_temperature_auto"));
  t.strictSame(older.set, ["exposure_auto=1", "exposure_absolute=250", "white_balance_temperature_auto=0"]);
  t.strictSame(older.absent, [
    "focus_automatic_continuous",
    "exposure_dynamic_framerate",
    "white_balance_temperature",
    "power_line_frequency",
  ]);
});

t.test("leaves alone what is not named", async (t) => {
  t.strictSame(settle({}, offer("auto_exposure")), { set: [], absent: [] });
  t.strictSame(settle({ exposure: "auto", whiteBalance: "auto" }, offer("auto_exposure", "white_balance_automatic")), {
    set: ["auto_exposure=3", "white_balance_automatic=1"],
    absent: [],
  });
});
