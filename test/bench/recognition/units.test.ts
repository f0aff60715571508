import { test } from "tap";
import { mistakes, units } from "./units.ts";

test("writes figures as Mandarin says them, in simplified characters", async (t) => {
  const said = (text: string) => units(text, "zh-CN").join("");
  t.equal(said("我們用了2個小時。"), said("我们用了两个小时"));
  t.equal(said("12、105、10500、30%、2.5、2023年"), "十二一百零五一万零五百百分之三十二点五二零二三年");
});

test("writes figures as English says them, without marks and capitals", async (t) => {
  t.strictSame(units("It's 120, 30% of 2,005.", "en"), [
    ..."its one hundred twenty thirty percent of two thousand five".split(" "),
  ]);
  t.strictSame(units("one hundred and twenty", "en"), units("120", "en"));
});

test("counts what is put in, left out and changed", async (t) => {
  t.equal(mistakes([..."kitten"], [..."sitting"]), 3);
  t.equal(mistakes(["a", "b"], []), 2);
  t.equal(mistakes([], ["a"]), 1);
});
