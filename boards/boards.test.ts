import t from "tap";
import { drivers, type Mounts } from "../drivers/registry.ts";
import type { Board } from "./board.ts";
import { boardFor, recogniseBoard } from "./recognise.ts";
import { boards } from "./registry.ts";

const all: readonly Board[] = Object.values(boards);
type AnyMount = { driver: string; options: Record<string, unknown> };
type Named = { kind: keyof typeof drivers; name: string; mount: AnyMount };

function mountsOf({ mic, camera, speaker, screen, sensors = {}, buttons, leds }: Mounts): Named[] {
  const one = (kind: Named["kind"], name: string, mount: unknown): Named[] =>
    mount === undefined ? [] : [{ kind, name, mount: mount as AnyMount }];
  const each = (kind: Named["kind"], named: object): Named[] =>
    Object.entries(named).flatMap(([name, mount]) => one(kind, name, mount));
  return [
    ...one("mic", "mic", mic),
    ...one("camera", "camera", camera),
    ...one("speaker", "speaker", speaker),
    ...one("screen", "screen", screen),
    ...each("sensor", sensors),
    ...each("button", buttons),
    ...each("led", leds),
  ];
}

/** What a button or light is wired to, as its options say. */
function wires({ kind, mount: { driver, options } }: Named): string[] {
  if (kind !== "button" && kind !== "led") return [];
  const lines = options["lines"] === undefined ? [options["line"]] : Object.values(options["lines"] as object);
  // The emulated board keeps buttons and lights apart; on a chip any two uses of a line collide.
  const place = driver === "emulated" ? kind : String(options["chip"] ?? options["device"] ?? driver);
  return [options["button"], options["key"], options["name"], ...lines]
    .filter((one) => one !== undefined)
    .map((one) => `${place}: ${one}`);
}

const twice = (names: readonly string[]): string[] => names.filter((name, at) => names.indexOf(name) !== at);

for (const board of all)
  t.test(`${board.name}: what is mounted is what its drivers take`, async (t) => {
    for (const { kind, name, mount } of mountsOf(board.mounts)) {
      const known = drivers[kind] as unknown as Record<string, { options: { safeParse(value: unknown): object } }>;
      t.match(known[mount.driver]?.options.safeParse(mount.options), { success: true }, `${kind} ${name}`);
    }
  });

for (const board of all)
  t.test(`${board.name}: no two buttons or lights share a line`, async (t) => {
    const wired = mountsOf(board.mounts).map(wires);
    t.ok(wired.flat().length >= Object.keys(board.mounts.buttons).length, "each button is wired to something");
    t.strictSame(twice(wired.flat()), []);
  });

t.test("a line that is used twice is seen, whatever uses it", async (t) => {
  const gpio = (kind: Named["kind"], options: Record<string, unknown>): Named => ({
    kind,
    name: "",
    mount: { driver: "gpio", options: { chip: "a-chip", ...options } },
  });
  const lines = { red: 4, green: 5, blue: 6 };
  const wired = [gpio("button", { line: 5 }), gpio("led", { lines }), gpio("led", { line: 7 })].flatMap(wires);
  t.strictSame(twice(wired), ["a-chip: 5"]);
});

t.test("each board has a light for each recording, every button of the interview, and something to run", async (t) => {
  for (const { name, mounts, profile } of all) {
    t.strictSame(Object.keys(mounts.buttons).sort(), ["A", "B", "C", "D", "help", "repeat", "start"], name);
    t.ok(profile.pictures.length > 0 && profile.recognisers.length > 0, name);
    t.ok(
      profile.engines.recogniser.some(({ provider, state }) => provider === "cpu" && state === "tried"),
      name,
    );
  }
});

/** As the boards' device trees say it, the most special first. */
const samples: Record<string, readonly string[]> = {
  "raspberry-pi-4": ["raspberrypi,4-model-b", "brcm,bcm2711"],
  "raspberry-pi-5": ["raspberrypi,5-model-b", "brcm,bcm2712"],
  "jetson-orin-nano": ["nvidia,p3768-0000+p3767-0005-super", "nvidia,p3767-0005", "nvidia,tegra234"],
};

t.test(
  "every board but the emulated one is recognised by what such a machine says, and by one of them only",
  async (t) => {
    for (const board of all.filter(({ recognisedBy }) => recognisedBy !== "name")) {
      const compatible = samples[board.name];
      const facts = compatible === undefined ? { dmi: { vendor: "A vendor", product: "A product" } } : { compatible };
      t.equal(recogniseBoard(facts).board.name, board.name);
      for (const other of all.filter((one) => one.name !== board.name))
        t.throws(() => recogniseBoard(facts, [other]), { code: "board.unrecognised" });
    }
    t.equal(boardFor("emulated", {}).by, "configuration", "the emulated one is taken by its name only");
  },
);
