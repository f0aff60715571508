import t from "tap";
import { pageName } from "../contracts/screen.ts";
import { looks } from "../drivers/light/looks.ts";
import type { Look } from "../drivers/port.ts";
import { lookOf } from "./statusLook.ts";

t.test("every page has a look that lights can show, and none is that of a recording", async (t) => {
  for (const show of pageName.options) {
    const look: Exclude<Look, "recording"> = lookOf({ show });
    t.ok(Object.hasOwn(looks, look), show);
    t.not(look, "recording" as string);
  }
});

t.test("a call for help comes before a fault, and a fault before the page", async (t) => {
  t.equal(lookOf({ show: "answering" }), "listening");
  t.equal(lookOf({ show: "answering", fault: "camera.lost" }), "fault");
  t.equal(lookOf({ show: "answering", fault: "camera.lost", help: true }), "help");
});
