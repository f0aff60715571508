import t from "tap";
import { boards } from "../boards/registry.ts";
import { openButtons } from "./buttons.ts";
import { openBoardBench } from "./emulator/bench.ts";
import { connectEmulator } from "./emulator/client.ts";
import { eventually } from "./eventually.ts";
import { withOptions } from "./mount.ts";

t.test("presses of every button come by name, also after the board was away", async (t) => {
  const { folder, hand, context, unplug, plug, close } = await openBoardBench();
  const ending = new AbortController();
  const presses: string[] = [];
  const faults = new Set<string>();
  const { buttons } = withOptions(boards.emulated.mounts, { folder });
  await openButtons(buttons, {
    ...context,
    signal: ending.signal,
    onPress: ({ button }) => presses.push(button),
    onFault: (button, fault) => faults.add(`${button}: ${fault.code}`),
  });
  await hand.press("start");
  await hand.press("D");
  await eventually(() => presses.length === 2);
  t.strictSame(presses, ["start", "D"]);
  await unplug();
  t.ok(await eventually(() => faults.has("help: button.lost")));
  await plug();
  const again = await connectEmulator(folder);
  const pressed = async (): Promise<boolean> => {
    await again.press("help");
    return presses.includes("help");
  };
  t.ok(await eventually(pressed), "opened again");
  ending.abort();
  const before = presses.length;
  await again.press("A");
  await again.state();
  t.equal(presses.length, before, "silent once ended");
  again.close();
  await close();
});
