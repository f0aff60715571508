import "reflect-metadata";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import * as x509 from "@peculiar/x509";
import t, { type Test } from "tap";
import { systemClock } from "./clock.ts";
import { silentLog } from "./log.ts";
import { openMqtt } from "./mqtt.ts";

x509.cryptoProvider.set(globalThis.crypto);
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const newKeys = async () => globalThis.crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
type Keys = Awaited<ReturnType<typeof newKeys>>;

type Authority = { keys: Keys; pem: string };

async function authority(): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=authority",
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true)],
  });
  return { keys, pem: certificate.toString("pem") };
}

/** A broker's certificate for a host, valid in the years given. */
async function issue(issuer: Authority, host: string, years: [number, number]): Promise<{ cert: string; key: string }> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "CN=broker",
    issuer: "CN=authority",
    notBefore: new Date(`${years[0]}-01-01`),
    notAfter: new Date(`${years[1]}-01-01`),
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: host }])],
  });
  const pkcs8 = Buffer.from(await globalThis.crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return {
    cert: certificate.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  };
}

/** A broker that says CONNACK to whoever gets as far as CONNECT. */
async function broker(t: Test, tls: { cert: string; key: string }): Promise<string> {
  const server = createServer(tls, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", () => socket.write(Buffer.from([0x20, 2, 0, 0])));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  return `mqtts://localhost:${(server.address() as AddressInfo).port}`;
}

async function connects(
  t: Test,
  url: string,
  trusted: Authority,
  own: { cert: string; key: string },
): Promise<boolean> {
  let connected = false;
  const session = openMqtt({
    url,
    tls: { ca: trusted.pem, ...own },
    clientId: "device",
    subscriptions: [],
    onMessage: () => t.fail("nothing was asked for"),
    onConnect: () => {
      connected = true;
    },
    log: silentLog(),
    clock: systemClock,
  });
  for (let tries = 0; tries < 20 && !connected; tries++) await systemClock.sleep(25);
  await session.stop();
  return connected;
}

t.test(
  "connects to a broker of the pinned authority, also when the clock says its certificate is long over",
  async (t) => {
    const ours = await authority();
    const device = await issue(ours, "device", [2020, 2090]);
    t.equal(await connects(t, await broker(t, await issue(ours, "localhost", [2020, 2090])), ours, device), true);
    t.equal(await connects(t, await broker(t, await issue(ours, "localhost", [2001, 2002])), ours, device), true);
  },
);

t.test("does not connect to a broker of another authority or of another host", async (t) => {
  const [ours, theirs] = await Promise.all([authority(), authority()]);
  const device = await issue(ours, "device", [2020, 2090]);
  t.equal(await connects(t, await broker(t, await issue(theirs, "localhost", [2020, 2090])), ours, device), false);
  t.equal(await connects(t, await broker(t, await issue(ours, "elsewhere", [2020, 2090])), ours, device), false);
});
