import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { cardIsThere, cardOf, deviceName, parseCards } from "./cards.ts";

const listed = [
  " 0 [PCH            ]: HDA-Intel - HDA Intel PCH",
  "                      HDA Intel PCH at 0xdf240000 irq 130",
  " 1 [Array          ]: USB-Audio - Round Array (UAC1.0)",
  "                      Maker Round Array (UAC1.0) at usb-0000:00:14.0-1, high speed",
  "",
].join("\n");
const mic = { kind: "mic", plug: "hw" } as const;

t.test("a card is found by its id, its name or the beginning of its name", async (t) => {
  t.strictSame(parseCards(listed), [
    { id: "PCH", name: "HDA Intel PCH" },
    { id: "Array", name: "Round Array (UAC1.0)" },
  ]);
  const folder = t.testdir({ cards: listed });
  for (const wanted of ["Array", "Round Array (UAC1.0)", "Round"])
    t.equal(await deviceName(`card:${wanted}`, mic, folder), "hw:CARD=Array,DEV=0");
  t.equal(await deviceName("card:PCH", { kind: "speaker", plug: "plughw" }, folder), "plughw:CARD=PCH,DEV=0");
  t.equal(await deviceName("default", mic, folder), "default");
});

t.test("a card that is not there is missing, and those that are there are named", async (t) => {
  const folder = t.testdir({ cards: listed });
  await t.rejects(deviceName("card:Ring", mic, folder), {
    code: "mic.missing",
    message: /PCH \(HDA Intel PCH\), Array/,
  });
  await t.rejects(deviceName("card:", { ...mic, kind: "speaker" }, join(folder, "none")), {
    code: "speaker.missing",
    message: /here: none/,
  });
});

t.test("a device is there while its card is", async (t) => {
  t.equal(cardOf("plughw:1,0"), "1");
  t.equal(cardOf("default"), undefined);
  const folder = t.testdir({});
  t.equal(await cardIsThere("hw:CARD=Array,DEV=0", folder), false);
  await mkdir(join(folder, "card1"));
  await writeFile(join(folder, "Array"), "");
  t.equal(await cardIsThere("hw:CARD=Array,DEV=0", folder), true);
  t.equal(await cardIsThere("hw:1,0", folder), true);
  t.equal(await cardIsThere("hw:2,0", folder), false);
  t.equal(await cardIsThere("default", folder), true);
});
