import { join } from "node:path";
import { Readable } from "node:stream";
import t from "tap";
import { openBoardBench } from "../../drivers/emulator/bench.ts";
import { projectRoot } from "../../runtime/paths.ts";
import { followLines } from "./hand.ts";

const picture = join(projectRoot, "test", "fixtures", "face", "astronaut.jpg");

t.test("does what each line says, and goes on after one that is refused", async (t) => {
  const { hand: emulator, close } = await openBoardBench();
  t.teardown(close);
  const told: string[] = [];
  const lines = ["code\n", "dance\n", "press Z\n", "play no-such-clip.opus\n", "\n", "  press start \n"];
  await followLines(Readable.from(lines), { emulator, order: async () => picture }, (sentence) => told.push(sentence));
  t.equal((await emulator.state()).picture, picture);
  t.equal(told.length, 3);
  t.match(told[0], /"dance" is not known here.*\(use\.invalid\)/);
  t.match(told[1], /the button.*\(use\.invalid\)/);
  await followLines(Readable.from(["empty\n"]), { emulator, order: async () => picture }, (sentence) =>
    told.push(sentence),
  );
  t.equal((await emulator.state()).picture, "empty");
});
