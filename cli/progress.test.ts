import t from "tap";
import { left } from "./progress.ts";

t.test("says how long the rest takes at the pace so far, in seconds, then in minutes", (t) => {
  t.equal(left(3, 12, 30_000), "about 2 min left");
  t.equal(left(3, 12, 29_000), "about 87 s left");
  t.equal(left(1, 61, 60_000), "about 60 min left");
  t.equal(left(5, 5, 60_000), "about 0 s left");
  t.equal(left(0, 5, 0), "about 0 s left");
  t.end();
});
