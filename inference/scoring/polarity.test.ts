import t from "tap";
import { findTerm } from "./concepts.ts";
import { opposesAny, stance } from "./polarity.ts";

t.test("a negation on one side or an opposite word opposes, both together agree", (t) => {
  const reference = "the terminals are in the same electrical state";
  t.equal(stance("the terminals are in different electrical states", reference, "en"), "opposes");
  t.equal(stance("the terminals are not in the same electrical state", reference, "en"), "opposes");
  t.equal(stance("the terminals are not in different electrical states", reference, "en"), "agrees");
  t.equal(stance("the terminals are in the same electrical state", reference, "en"), "silent");
  t.equal(stance("the bulb is not lit", reference, "en"), "silent");
  t.equal(stance("端子的电气状态不同", "端子的电气状态相同", "zh-CN"), "opposes");
  t.equal(stance("端子没有连接", "端子是连接的", "zh-CN"), "opposes");
  t.end();
});

t.test("a negation of something else, and 不 in a word that negates nothing, do not oppose", (t) => {
  t.equal(
    stance("there is no gap between the terminals, they are connected", "the terminals are connected", "en"),
    "silent",
  );
  t.equal(stance("端子不仅连接而且状态相同", "端子连接，状态相同", "zh-CN"), "silent");
  t.notOk(
    opposesAny("后者称非物流相关", ["前者称物流相关", "后者称非物流相关"], "zh-CN"),
    "the part it restates most decides",
  );
  t.end();
});

t.test("a term is found in any inflection and spelling, and not where it is denied", (t) => {
  t.ok(findTerm("We ran several load tests.", "load test") >= 0);
  t.ok(findTerm("with a roll-back plan", "rollback") >= 0);
  t.ok(findTerm("失败率降了12%", "百分之") >= 0);
  t.ok(findTerm("延迟从800ms降到120ms", "毫秒") >= 0);
  t.ok(findTerm("我們做了壓測", "压测") >= 0);
  t.equal(findTerm("我们没有做压测", "压测"), -1);
  t.equal(findTerm("we did not run any load tests", "load test"), -1);
  t.ok(findTerm("不只做了压测", "压测") >= 0);
  t.equal(findTerm("No means no, it does not matter.", "noted"), -1);
  t.end();
});

t.test("a negating word denies what follows it, and against its own opposite it counts once", (t) => {
  const reference = "the sender stays available when the receiver fails";
  t.equal(stance("the sender never stays available when the receiver fails", reference, "en"), "opposes");
  t.equal(stance("the sender cannot stay available when the receiver fails", reference, "en"), "opposes");
  t.equal(stance("keys never repeat in the map", "keys always repeat in the map", "en"), "opposes");
  t.equal(stance("发送方不可用", "发送方仍然可用", "zh-CN"), "opposes");
  t.end();
});
