import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { systemClock } from "../../runtime/clock.ts";
import { adapterChecks, type Opposite } from "./conformance.ts";
import { startSshd, startWire } from "./fakes/sshd.ts";
import { dropName } from "./file-drop.ts";
import { adapters } from "./registry.ts";
import { sftp } from "./sftp.ts";

const sshd = await startSshd();
t.teardown(() => sshd.stop());
t.setTimeout(120_000);

const { username, privateKey, hostKey } = sshd;
const signal = new AbortController().signal;
const firstName = dropName("t/s/scorecard/1", "json");

async function startOpposite(): Promise<Opposite> {
  const base = await mkdtemp(join(tmpdir(), "candor-sftp-"));
  const folder = join(base, "results");
  await mkdir(folder);
  const wire = await startWire(sshd.port);
  const finished = (): string[] => readdirSync(folder).filter((name) => !name.startsWith("."));
  return {
    options: { host: "127.0.0.1", port: wire.port, username, privateKey, hostKey, folder },
    overload: undefined,
    effects: () =>
      finished()
        .filter((name) => readFileSync(join(folder, name), "utf8").includes("装配工"))
        .map((name) => name.slice(0, -".json".length).replaceAll("~", "/")),
    trouble: (kind) => {
      // An SFTP server cannot say that it is busy; what comes nearest is a folder that is not mounted yet.
      if (kind === "busy") renameSync(folder, join(base, "away"));
      if (kind === "refusing") writeFileSync(join(folder, firstName), "somebody else's");
      const cuts = { none: () => false, broken: () => true, cut: () => finished().length > 0 };
      wire.cutWhen = kind === "busy" || kind === "refusing" ? cuts.none : cuts[kind];
    },
    stop: async () => {
      await wire.stop();
      await rm(base, { recursive: true, force: true });
    },
  };
}

t.test("the SFTP adapter conforms against OpenSSH", async (t) => {
  for (const { sentence, holds } of adapterChecks(sftp, startOpposite)) t.equal(await holds(), true, sentence);
  t.ok(adapters.includes(sftp));
});

async function bench(t: Test, more: Record<string, unknown> = {}) {
  const folder = t.testdir();
  const wire = await startWire(sshd.port);
  t.teardown(() => wire.stop());
  const options = { host: "127.0.0.1", port: wire.port, username, privateKey, hostKey, folder, ...more };
  const connection = sftp.open(options, { clock: systemClock });
  t.teardown(() => connection.close());
  return { folder, wire, connection };
}
const shipment = (revision: number, length = 10) => ({
  effectKey: `t/s/scorecard/${revision}`,
  body: JSON.stringify({ data: { role: "装配工".repeat(length), consents: [{ a: 1 }] } }),
});

t.test("a reader sees the file whole or not at all, byte for byte, also of several megabytes", async (t) => {
  const { folder, connection } = await bench(t);
  const large = shipment(1, 300_000);
  const delivered = connection.deliver(large, signal);
  let over = false;
  const seen = new Set<number>();
  const looking = (async () => {
    while (!over) {
      const size = await stat(join(folder, firstName)).then(
        (there) => there.size,
        () => 0,
      );
      seen.add(size);
      await systemClock.sleep(1);
    }
  })();
  t.same(await delivered, { outcome: "done" });
  over = true;
  await looking;
  t.equal(await readFile(join(folder, firstName), "utf8"), large.body);
  for (const size of seen) t.ok(size === 0 || size === Buffer.byteLength(large.body), `${size} bytes`);
  t.same(readdirSync(folder), [firstName]);
  t.equal((await stat(join(folder, firstName))).mode & 0o777, 0o640);
});

t.test("one connection serves deliveries that begin together, and another follows when it is lost", async (t) => {
  const { folder, wire, connection } = await bench(t, { format: "csv" });
  const outcomes = await Promise.all([1, 2, 3, 3].map((revision) => connection.deliver(shipment(revision), signal)));
  t.same(
    outcomes.map(({ outcome }) => outcome),
    ["done", "done", "done", "done"],
  );
  t.match(outcomes[0], { unplaced: ["consents"] });
  wire.cutWhen = () => true;
  t.equal((await connection.deliver(shipment(4), signal)).outcome, "again");
  wire.cutWhen = () => false;
  t.equal((await connection.deliver(shipment(4), signal)).outcome, "done");
  t.equal(readdirSync(folder).length, 4);
});

t.test("takes up after a try that was cut off in the middle of the file", async (t) => {
  const { folder, connection } = await bench(t);
  await writeFile(join(folder, `.${firstName}.next`), "{ half of");
  t.equal((await connection.deliver(shipment(1), signal)).outcome, "done");
  t.equal(await readFile(join(folder, firstName), "utf8"), shipment(1).body);
  t.same(readdirSync(folder), [firstName]);
});

t.test("gives nothing to a server with another host key, and names the key that it shows", async (t) => {
  const other = `SHA256:${"A".repeat(43)}`;
  const { folder, connection } = await bench(t, { hostKey: other });
  const outcome = await connection.deliver(shipment(1), signal);
  t.equal(outcome.outcome, "refused");
  if (outcome.outcome === "refused") t.ok(outcome.fault.message.includes(hostKey));
  t.same(readdirSync(folder), []);
});

t.test("a key that the server does not know is refused, and the refusal holds no secret", async (t) => {
  const { connection } = await bench(t, { privateKey: undefined, password: "s3cr3t" });
  const outcome = await connection.deliver(shipment(1), signal);
  t.equal(outcome.outcome, "refused");
  if (outcome.outcome === "refused") t.notMatch(`${outcome.fault.stack}${outcome.fault.cause}`, /s3cr3t/);
});

t.test("ends with the caller's patience when the server falls silent, before and within a connection", async (t) => {
  const { wire, connection } = await bench(t);
  wire.silent = true;
  await t.rejects(connection.deliver(shipment(1), AbortSignal.timeout(300)));
  wire.silent = false;
  t.equal((await connection.deliver(shipment(1), signal)).outcome, "done");
  wire.silent = true;
  await t.rejects(connection.deliver(shipment(2), AbortSignal.timeout(300)));
  wire.silent = false;
  t.equal((await connection.deliver(shipment(2), signal)).outcome, "done");
});

t.test(
  "a folder that nobody may write into is refused",
  { skip: process.getuid?.() === 0 && "root may" },
  async (t) => {
    const { folder, connection } = await bench(t);
    await chmod(folder, 0o555);
    t.teardown(() => chmod(folder, 0o755));
    t.equal((await connection.deliver(shipment(1), signal)).outcome, "refused");
  },
);

t.test("wants a key or a password, and a fingerprint", async (t) => {
  const base = { host: "h", username: "u", hostKey, folder: "/results" };
  t.equal(sftp.options.safeParse({ ...base, privateKey }).success, true);
  t.equal(sftp.options.safeParse(base).success, false);
  t.equal(sftp.options.safeParse({ ...base, privateKey, password: "p" }).success, false);
  t.equal(sftp.options.safeParse({ ...base, privateKey, hostKey: "MD5:00" }).success, false);
});
