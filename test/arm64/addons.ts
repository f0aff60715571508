import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import * as ort from "onnxruntime-node";
import { loadNativeLines } from "../../drivers/gpio/character.ts";

/**
 * `node dist/test/arm64/addons.js NAME` loads one native addon (or Node alone) and has it do a piece of its real work. It
 * says what came of it, or ends with an error. Standard input must be a pipe that ends.
 */
const require = createRequire(import.meta.url);

type Epoll = { add(file: number, events: number): Epoll; remove(file: number): Epoll; close(): void };
type EpollModule = { Epoll: { new (told: (error: Error | null, file: number) => void): Epoll; EPOLLIN: number } };
type SpiModule = { openSync(bus: number, device: number): unknown };

/** What the kernel answers when `ask` asks for something that is not there: only an addon that asked it knows. */
function refusalOf(ask: () => unknown): string {
  try {
    ask();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "asked the kernel, which said ENOENT";
    throw error;
  }
  throw new Error("what is not there was opened");
}

function epoll(): Promise<string> {
  const { Epoll } = require("epoll") as EpollModule;
  return new Promise((told, failed) => {
    const watch = new Epoll((error, file) => {
      watch.remove(file).close();
      if (error === null) told(`told of an event on file ${file}`);
      else failed(error);
    });
    watch.add(0, Epoll.EPOLLIN);
  });
}

async function sqlite(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "candor-arm64-"));
  const path = join(folder, "sealed.db");
  const open = (key: string): Database.Database => {
    const database = new Database(path);
    database.pragma(`key='${key}'`);
    return database;
  };
  try {
    const first = open("right");
    first.exec("CREATE TABLE said (words TEXT); INSERT INTO said VALUES ('marker')");
    first.close();
    if ((await readFile(path)).includes("marker")) throw new Error("the database is not encrypted");
    const second = open("right");
    const { words } = second.prepare("SELECT words FROM said").get() as { words: string };
    second.close();
    if (words !== "marker") throw new Error("the database was read back wrong");
    return "wrote an encrypted database and read it again";
  } finally {
    await rm(folder, { recursive: true });
  }
}

const addons: Record<string, () => string | Promise<string>> = {
  node: () => {
    if (process.arch !== "arm64") throw new Error(`this is ${process.arch}`);
    return `${process.version} for ${process.arch}`;
  },
  epoll,
  "spi-device": () => refusalOf(() => (require("spi-device") as SpiModule).openSync(99, 0)),
  "better-sqlite3-multiple-ciphers": sqlite,
  "onnxruntime-node": () => {
    const [cpu] = ort.listSupportedBackends();
    if (cpu?.name !== "cpu") throw new Error("ONNX Runtime has no processor to run on");
    return `offers ${cpu.name}`;
  },
  "drivers/gpio": () => refusalOf(() => loadNativeLines().chip("/dev/gpiochip-none")),
};

const name = process.argv[2] ?? "";
const addon = addons[name];
if (addon === undefined) throw new Error(`${name} is none of ${Object.keys(addons).join(", ")}`);
process.stdout.write(`${await addon()}\n`);
