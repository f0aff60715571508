import { Readable } from "node:stream";
import t from "tap";
import type { Emulator } from "../../drivers/emulator/client.ts";
import { followLines } from "./hand.ts";

t.test("does what each line says, and goes on after one that is refused", async (t) => {
  const done: string[] = [];
  const note =
    (what: string) =>
    async (...words: string[]): Promise<void> => {
      done.push([what, ...words].join(" "));
    };
  const emulator = { show: note("show"), press: note("press"), play: note("play") } as unknown as Emulator;
  const told: string[] = [];
  const input = Readable.from([
    "code\n",
    "dance\n",
    "press Z\n",
    "\n",
    "press start\n",
    "  play  my clip.opus \n",
    "face\n",
  ]);
  await followLines(input, { emulator, order: async () => "/tmp/code.png" }, (sentence) => told.push(sentence));
  t.strictSame(done, ["show /tmp/code.png", "press start", "play my clip.opus", "show face"]);
  t.equal(told.length, 2);
  t.match(told[0], /"dance" is not known here.*\(use\.invalid\)/);
  t.match(told[1], /the button.*\(use\.invalid\)/);
});
