import t from "tap";
import { Timeline } from "./timeline.ts";

t.test("takes the least delayed of the recent arrivals for the truth", async (t) => {
  const timeline = new Timeline();
  timeline.arrived(40, 5290);
  timeline.arrived(80, 5095);
  timeline.arrived(120, 5123);
  t.equal(timeline.origin, 5003);
});

t.test("follows a stream whose clock runs slow", async (t) => {
  const timeline = new Timeline();
  for (let second = 1; second <= 1000; second++) timeline.arrived(second * 1000, 5000 + second * 1000.1);
  t.ok(timeline.origin > 5093, String(timeline.origin));
});
