import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { days } from "../contracts/units.ts";
import { systemClock as clock } from "../runtime/clock.ts";
import { checkCertificate, newPrivateKey, publicHalf, sign, verifyWithCertificate } from "../runtime/seal.ts";
import { createAuthority, openAuthority } from "./authority.ts";
import { brokerAcl } from "./broker.ts";
import { enrolDevice, readIdentity } from "./enrol.ts";

const folder = await mkdtemp(join(tmpdir(), "candor-enrol-"));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const authority = await createAuthority(join(folder, "authority"), clock);
const centre = publicHalf(await newPrivateKey());

t.test("gives a device an identity that only it can read and that the centre can check", async (t) => {
  const directory = join(folder, "device");
  const made = await enrolDevice({ authority, tenantId: "acme", deviceId: "lobby-1", centre, directory });
  t.same(await readIdentity(directory), made);
  t.equal((await stat(join(directory, "identity.json"))).mode & 0o777, 0o600);
  const token = await sign({ a: 1 }, { key: made, type: "test+jwt" });
  const trust = { authorityPem: authority.certificatePem, type: "test+jwt", atMillis: clock.wall() };
  t.match(await verifyWithCertificate(token, trust), { subject: "acme:lobby-1", payload: { a: 1 } });
  await t.rejects(verifyWithCertificate(token, { ...trust, atMillis: clock.wall() + days(400) }), {
    code: "certificate.expired",
  });
  const stranger = await createAuthority(join(folder, "stranger"), clock);
  await t.rejects(verifyWithCertificate(token, { ...trust, authorityPem: stranger.certificatePem }), {
    code: "certificate.untrusted",
  });
});

t.test("refuses ids that cannot stand in a topic, and a second authority in the same folder", async (t) => {
  const wanted = { authority, centre, directory: join(folder, "none") };
  await t.rejects(enrolDevice({ ...wanted, tenantId: "a/b", deviceId: "d" }), { code: "use.invalid" });
  await t.rejects(enrolDevice({ ...wanted, tenantId: "a", deviceId: "d.e" }), { code: "use.invalid" });
  await t.rejects(readIdentity(join(folder, "none")), { code: "key.missing" });
  await t.rejects(createAuthority(join(folder, "authority"), clock), { code: "use.invalid" });
  await t.rejects(openAuthority(join(folder, "nowhere"), clock), { code: "key.missing" });
});

t.test("makes server certificates that a device with a clock two years off still takes", async (t) => {
  const { certificatePem } = await authority.issueServerCertificate({
    name: "relay",
    hosts: ["localhost", "10.0.0.1"],
  });
  const certificate = new X509Certificate(certificatePem);
  t.equal(certificate.checkHost("localhost"), "localhost");
  t.equal(certificate.checkIP("10.0.0.1"), "10.0.0.1");
  for (const skew of [-days(730), days(730)])
    t.equal(
      checkCertificate(certificate, { authorityPem: authority.certificatePem, atMillis: clock.wall() + skew }),
      "relay",
    );
  await t.rejects(authority.issueServerCertificate({ name: "a:b", hosts: [] }), { code: "use.invalid" });
});

t.test("grants a device four topics, each its own", async (t) => {
  const lines = brokerAcl([{ tenantId: "acme", deviceId: "lobby-1" }]).split("\n");
  const own = lines.slice(lines.indexOf("user acme:lobby-1") + 1).filter((line) => line !== "");
  t.equal(own.length, 4);
  for (const line of own) t.match(line, /^topic (read|write) candor\/v1\/acme\/lobby-1\/\w+$/);
});
