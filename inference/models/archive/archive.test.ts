import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import t from "tap";
import { readTarMember } from "./tar.ts";
import { appendZipMember } from "./zip.ts";

/** A zip archive as PKWARE's APPNOTE describes it; `method` 0 stores, 8 deflates. */
function zip(files: Record<string, { content: Buffer; method: 0 | 8 }>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, { content, method }] of Object.entries(files)) {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(method, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    shared.copy(entry, 6);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, Buffer.from(name));
    const body = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), shared, Buffer.from(name), packed]);
    bodies.push(body);
    at += body.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, central, end]);
}

const long = Buffer.from("candor ".repeat(50_000));

t.test("takes stored and deflated members out of a zip archive, one behind the other", async (t) => {
  const folder = t.testdir();
  const path = join(folder, "a.whl");
  await writeFile(
    path,
    zip({ "x/first": { content: Buffer.from("first,"), method: 0 }, "x/second": { content: long, method: 8 } }),
  );
  const to = join(folder, "out");
  await appendZipMember(path, "x/first", to);
  await appendZipMember(path, "x/second", to);
  t.equal(await readFile(to, "utf8"), `first,${long}`);
});

t.test("says which member a zip archive lacks, and that a file is none", async (t) => {
  const folder = t.testdir({ "none.whl": "no archive" });
  await writeFile(join(folder, "a.whl"), zip({ a: { content: long, method: 8 } }));
  await t.rejects(appendZipMember(join(folder, "a.whl"), "b", join(folder, "out")), {
    code: "file.unreadable",
    message: /no member b/,
  });
  await t.rejects(appendZipMember(join(folder, "none.whl"), "a", join(folder, "out")), { code: "file.unreadable" });
});

t.test("takes a member out of an archive that tar packed", async (t) => {
  const folder = t.testdir({ package: { dist: { "a.onnx": long.toString(), empty: "" } }, "none.tgz": "no archive" });
  execFileSync("tar", ["czf", "p.tgz", "package"], { cwd: folder });
  t.same(await readTarMember(join(folder, "p.tgz"), "package/dist/a.onnx"), long);
  await t.rejects(readTarMember(join(folder, "p.tgz"), "package/b"), { code: "file.unreadable", message: /no member/ });
  await t.rejects(readTarMember(join(folder, "none.tgz"), "a"), { code: "file.unreadable" });
});
