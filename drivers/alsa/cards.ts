import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault, type FaultCode } from "../../contracts/fault.ts";

const byName = "card:";
/** Where the kernel lists its sound cards. */
export const proc = "/proc/asound";

export type Card = { readonly id: string; readonly name: string };

/** The cards of /proc/asound/cards: ` 1 [Array          ]: USB-Audio - Mic Array`. The line below each is left out. */
export function parseCards(text: string): Card[] {
  return [...text.matchAll(/^ *\d+ \[(\S+) *\]: .*? - (.*)$/gm)].map(([, id = "", name = ""]) => ({
    id,
    name: name.trim(),
  }));
}

/** The card's id or number in a device's name: `hw:CARD=Speaker,DEV=0`, `plughw:1,0`; undefined for `default` and the like. */
export const cardOf = (device: string): string | undefined => /^(?:plug)?hw:(?:CARD=)?([^,:]+)/.exec(device)?.[1];

/** Whether the device's card is there; true of a device that names none. */
export async function cardIsThere(device: string, folder = proc): Promise<boolean> {
  const card = cardOf(device);
  if (card === undefined) return true;
  return access(join(folder, /^\d+$/.test(card) ? `card${card}` : card)).then(
    () => true,
    () => false,
  );
}

export type Naming = { readonly kind: "mic" | "speaker"; readonly plug: "hw" | "plughw" };

/**
 * The device as ALSA names it. "card:" and a card's id, its name or the beginning of its name is the first device of
 * that card, whatever number it got at this boot. @throws Fault mic.missing, speaker.missing
 */
export async function deviceName(device: string, { kind, plug }: Naming, folder = proc): Promise<string> {
  if (!device.startsWith(byName)) return device;
  const wanted = device.slice(byName.length);
  const cards = parseCards(await readFile(join(folder, "cards"), "utf8").catch(() => ""));
  const found =
    cards.find(({ id, name }) => id === wanted || name === wanted) ??
    cards.find(({ name }) => wanted !== "" && name.startsWith(wanted));
  if (found !== undefined) return `${plug}:CARD=${found.id},DEV=0`;
  const others = cards.map(({ id, name }) => `${id} (${name})`).join(", ") || "none";
  const code: FaultCode = `${kind}.missing`;
  throw new Fault(code, `no sound card is named ${wanted}; those that are here: ${others}`);
}
