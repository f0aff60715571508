import t from "tap";
import { columnsOf, cutTo, formatTable } from "./table.ts";

t.test("gives Chinese characters two columns", async (t) => {
  t.equal(columnsOf("问题 ab"), 7);
  t.equal(columnsOf("“引”"), 4);
});

t.test("aligns columns of both scripts", async (t) => {
  const lines = formatTable(
    ["能力", "n"],
    [
      ["协作", "1"],
      ["design", "2"],
    ],
  ).split("\n");
  const starts = lines.filter((line) => /[n12]$/.test(line)).map((line) => columnsOf(line.slice(0, -1)));
  t.equal(starts.length, 3);
  t.equal(new Set(starts).size, 1);
});

t.test("cuts by columns, not by characters", async (t) => {
  t.equal(cutTo(8, "abcdefgh"), "abcdefgh");
  t.equal(cutTo(8, "abcdefghi"), "abcdefg…");
  t.equal(cutTo(8, "一二三四五"), "一二三…");
});
