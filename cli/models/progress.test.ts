import t from "tap";
import { fetchTeller } from "./progress.ts";

function told(isTTY: boolean): string[] {
  const lines: string[] = [];
  const tell = fetchTeller({ isTTY, write: (text) => lines.push(text) });
  tell({ step: "trying", model: "m", file: "a.bin", source: "example.org" });
  for (let bytes = 0; bytes <= 20e6; bytes += 16_384)
    tell({ step: "bytes", model: "m", file: "a.bin", bytes, of: 20e6 });
  tell({ step: "fetched", model: "m", file: "a.bin" });
  return lines;
}

t.test("a terminal sees one line that is written over, about once a megabyte", async (t) => {
  const lines = told(true);
  const bytes = lines.filter((line) => line.includes(" of 20.0 MB"));
  t.ok(bytes.length >= 18 && bytes.length <= 20, `${bytes.length} times`);
  t.ok(bytes.every((line) => line.startsWith("\r") && !line.includes("\n")));
  t.match(lines.at(-1), /^\r.*fetched and verified.*\n$/);
});

t.test("a log gets a line a tenth, and no control characters", async (t) => {
  const lines = told(false);
  const bytes = lines.filter((line) => line.includes(" of 20.0 MB"));
  t.ok(bytes.length === 9 || bytes.length === 10, `${bytes.length} lines`);
  t.match(bytes[4], /^m\/a\.bin: 10\.\d MB of 20\.0 MB, 5\d %\n$/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  t.ok(lines.every((line) => line.endsWith("\n") && !/[\r\u001b]/.test(line)));
});
