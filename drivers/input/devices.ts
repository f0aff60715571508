import { wordBytes } from "./events.ts";

/** An input device as /proc/bus/input/devices tells it: its name, "event3", and whether it has a key of this code. */
export type InputDevice = {
  readonly name: string;
  readonly event: string;
  readonly hasKey: (code: number) => boolean;
};

/** `B: KEY=` is words of the kernel's in hexadecimal, highest first and without leading zeros. */
function bitmap(words: string, word: 4 | 8): (code: number) => boolean {
  const values = words
    .split(/\s+/)
    .filter((text) => /^[0-9a-f]+$/.test(text))
    .map((text) => BigInt(`0x${text}`))
    .reverse();
  const bits = word * 8;
  return (code) => (((values[Math.floor(code / bits)] ?? 0n) >> BigInt(code % bits)) & 1n) === 1n;
}

/** What stands in /proc/bus/input/devices (drivers/input/input.c, input_devices_seq_show): blocks with an empty line between. */
export function parseDevices(text: string, word: 4 | 8 = wordBytes): InputDevice[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const event = /^H: Handlers=.*\b(event\d+)\b/m.exec(block)?.[1];
    const name = /^N: Name="(.*)"$/m.exec(block)?.[1];
    if (event === undefined || name === undefined) return [];
    return [{ name, event, hasKey: bitmap(/^B: KEY=(.*)$/m.exec(block)?.[1] ?? "", word) }];
  });
}
