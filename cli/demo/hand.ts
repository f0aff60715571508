import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { asFault, Fault } from "../../contracts/fault.ts";
import { type ButtonName, buttonName } from "../../contracts/screen.ts";
import { type Millis, millis } from "../../contracts/units.ts";
import type { Emulator } from "../../drivers/emulator/client.ts";
import { type Device, device as deviceName } from "../../drivers/emulator/protocol.ts";
import type { Readings } from "../../drivers/port.ts";
import type { Clock } from "../../runtime/clock.ts";
import { parse } from "../../runtime/parse.ts";

/** What a person in front of the emulated board, and one behind it, can do by typing a line. */
export type Hand = {
  emulator: Emulator;
  clock: Clock;
  /** Places a new order and gives the picture of its check-in code. */
  order: () => Promise<string>;
};

type Deed = (hand: Hand, words: string) => Promise<void>;

const holdMillis: Millis = millis(1500);
/** Longer than any contact chatters. */
const pressMillis: Millis = millis(80);

/** The first word and the rest. */
function split(words: string): [string, string] {
  const [, first = "", rest = ""] = /^(\S*)\s*(.*)$/.exec(words) ?? [];
  return [first, rest];
}

const button = (word: string): ButtonName => parse(buttonName, word, { what: "the button", otherwise: "use.invalid" });
const device = (word: string): Device => parse(deviceName, word, { what: "the device", otherwise: "use.invalid" });

/** @throws Fault use.invalid for what is no number */
function figure(what: string, word: string): number {
  const value = Number(word);
  if (word === "" || !Number.isFinite(value))
    throw new Fault("use.invalid", `${what} is a number: ${word || "none"} is not`);
  return value;
}

async function hold({ emulator, clock }: Hand, words: string): Promise<void> {
  const [name, length] = split(words);
  await emulator.contact(button(name), true);
  await clock.sleep(length === "" ? holdMillis : figure("how long", length));
  await emulator.contact(button(name), false);
}

/** A press whose contact chatters at both ends: within milliseconds, so no change waits for the answer to the one before it. */
async function bounce({ emulator, clock }: Hand, name: string): Promise<void> {
  const contact = button(name);
  const chatter = (...changes: boolean[]) => Promise.all(changes.map((closed) => emulator.contact(contact, closed)));
  await chatter(true, false, true, false, true);
  await clock.sleep(pressMillis);
  await chatter(false, true, false);
}

/** `temperature=85 volts=4.6 throttled=underVoltage,frequencyCapped`; `throttled=` is none. */
function readingsOf(words: string): Readings {
  const readings: Readings = {};
  for (const word of words.split(/\s+/)) {
    const [name, value = ""] = word.split("=");
    if (name === "temperature") readings.temperatureCelsius = figure(name, value);
    else if (name === "volts") readings.supplyVolts = figure(name, value);
    else if (name === "fan") readings.fanRpm = figure(name, value);
    else if (name === "throttled") readings.throttled = value.split(",").filter((reason) => reason !== "");
    else throw new Fault("use.invalid", "sense takes temperature=, volts=, fan= and throttled=");
  }
  return readings;
}

const deeds: Readonly<Record<string, Deed>> = {
  code: async ({ emulator, order }, file) => emulator.show(file === "" ? await order() : file),
  face: ({ emulator }) => emulator.show("face"),
  empty: ({ emulator }) => emulator.show("empty"),
  play: async ({ emulator }, file) => {
    await emulator.play(file);
  },
  silent: ({ emulator }) => emulator.stopPlaying(),
  press: ({ emulator }, name) => emulator.press(button(name)),
  hold,
  bounce,
  contact: ({ emulator }, words) => {
    const [name, state] = split(words);
    if (state !== "closed" && state !== "open") throw new Fault("use.invalid", "a contact is closed or open");
    return emulator.contact(button(name), state === "closed");
  },
  vanish: ({ emulator }, name) => emulator.vanish(device(name)),
  stall: ({ emulator }, name) => emulator.stall(device(name)),
  busy: ({ emulator }, name) => emulator.busy(device(name)),
  return: ({ emulator }, name) => emulator.comeBack(device(name)),
  echo: ({ emulator }, share) => emulator.echo(figure("the share", share)),
  noise: ({ emulator }, dbfs) => emulator.noise(figure("the noise in dBFS", dbfs)),
  gain: ({ emulator }, decibels) => emulator.gain(figure("the gain in dB", decibels)),
  sense: ({ emulator }, words) => emulator.sense(readingsOf(words)),
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
