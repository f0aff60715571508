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

t.test("buttons that are held come by name, and start with help is the service chord", async (t) => {
  const { folder, hand, context, close } = await openBoardBench();
  const ending = new AbortController();
  const told: string[] = [];
  const { buttons } = withOptions(boards.emulated.mounts, { folder });
  await openButtons(buttons, {
    ...context,
    signal: ending.signal,
    onPress: ({ button }) => told.push(`press ${button}`),
    onHold: ({ button }) => told.push(`hold ${button}`),
    onChord: (chord) => told.push(chord),
    onFault: (button, fault) => told.push(`${button}: ${fault.code}`),
  });
  await hand.contact("start", true);
  await hand.contact("help", true);
  t.ok(await eventually(() => told.includes("service")));
  await hand.contact("start", false);
  await hand.contact("help", false);
  t.strictSame(told, ["press start", "press help", "hold start", "hold help", "service"]);
  ending.abort();
  await close();
});

t.test("opening all the buttons of a board prints no warning of too many listeners", async (t) => {
  const { folder, context, close } = await openBoardBench();
  const warnings: string[] = [];
  const hear = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", hear);
  const ending = new AbortController();
  const nothing = (): void => undefined;
  const { buttons } = withOptions(boards.emulated.mounts, { folder });
  const many = Object.fromEntries(
    ["one", "two"].flatMap((set) => Object.entries(buttons).map(([name, mount]) => [`${set} ${name}`, mount])),
  );
  await openButtons(many, { ...context, signal: ending.signal, onPress: nothing, onFault: nothing });
  await context.clock.sleep(50);
  t.strictSame(warnings, []);
  process.off("warning", hear);
  ending.abort();
  await close();
});
