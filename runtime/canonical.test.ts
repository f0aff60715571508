import t from "tap";
import { canonicalJson, contentHash } from "./canonical.ts";

t.test("the same value gives the same text, however its keys were ordered", async (t) => {
  t.equal(canonicalJson({ b: 1, a: [{ d: undefined, c: "面" }, null] }), '{"a":[{"c":"面"},null],"b":1}');
  t.equal(contentHash({ a: 1, b: 2 }), contentHash({ b: 2, a: 1 }));
  t.not(contentHash({ a: 1 }), contentHash({ a: 2 }));
});
