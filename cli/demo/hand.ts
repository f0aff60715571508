import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { asFault, Fault } from "../../contracts/fault.ts";
import { buttonName } from "../../contracts/screen.ts";
import type { Emulator } from "../../drivers/emulator/client.ts";
import { parse } from "../../runtime/parse.ts";

/** What a person in front of the emulated board can do by typing a line. */
export type Hand = {
  emulator: Emulator /** Places a new order and gives the picture of its check-in code. */;
  order: () => Promise<string>;
};

type Deed = (hand: Hand, words: string) => Promise<void>;

const deeds: Readonly<Record<string, Deed>> = {
  code: async ({ emulator, order }, file) => emulator.show(file === "" ? await order() : file),
  face: ({ emulator }) => emulator.show("face"),
  empty: ({ emulator }) => emulator.show("empty"),
  play: async ({ emulator }, file) => {
    await emulator.play(file);
  },
  press: ({ emulator }, button) =>
    emulator.press(parse(buttonName, button, { what: "the button", otherwise: "use.invalid" })),
};

/** Does what a line says. @throws Fault use.invalid for a word that is not known */
export async function doLine(line: string, hand: Hand): Promise<void> {
  const [, word = "", rest = ""] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
  if (word === "") return;
  const deed = Object.hasOwn(deeds, word) ? deeds[word] : undefined;
  if (deed === undefined)
    throw new Fault("use.invalid", `${JSON.stringify(word)} is not known here: type ${Object.keys(deeds).join(", ")}`);
  await deed(hand, rest);
}

/** Does line after line until the input ends; what is refused is told and the next line is read. */
export async function followLines(input: Readable, hand: Hand, tell: (sentence: string) => void): Promise<void> {
  for await (const line of createInterface({ input })) {
    try {
      await doLine(line, hand);
    } catch (error) {
      const { message, code } = asFault(error);
      tell(`${message} (${code})`);
    }
  }
}
