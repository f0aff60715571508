// First: the X.509 library looks for these functions while it loads.
import "reflect-metadata";
import { isIP } from "node:net";
import { join } from "node:path";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { Fault } from "../contracts/fault.ts";
import { days, type Millis } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import { readIfThere, writeDurably } from "../runtime/durable.ts";

cryptoProvider.set(globalThis.crypto);

/** EC P-256 throughout: what TLS, the secure elements of small boards and JWS ES256 all have. */
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

type Keys = Awaited<ReturnType<typeof newKeys>>;
const newKeys = async () => globalThis.crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

/** A PKCS#8 key and its certificate, both PEM. */
export type Credential = { keyPem: string; certificatePem: string };

/** Issues the certificates of a centre and its devices. Its own certificate is what everything pins. */
export interface Authority {
  readonly certificatePem: string;
  /**
   * For the broker, relay and hr: serves under `hosts` (DNS names or addresses) and is a client of the others as
   * CN=`name`. `name` holds no `:`, so that it can never be a device.
   */
  issueServerCertificate(wanted: { name: string; hosts: readonly string[] }): Promise<Credential>;
  /** Client only, CN=`tenantId:deviceId`: the device's user name at the broker. */
  issueDeviceCertificate(device: { tenantId: string; deviceId: string }): Promise<Credential>;
}

/**
 * A device whose clock is two years behind must still be able to connect, else it never learns the time; so what devices
 * check (authority and servers) begins early and ends late. Device certificates are checked by the centre's clock.
 */
const lifetimes = {
  authority: { before: days(3 * 365), after: days(20 * 365) },
  server: { before: days(3 * 365), after: days(5 * 365) },
  device: { before: days(1), after: days(365) },
} as const satisfies Record<string, { before: Millis; after: Millis }>;

const files = (directory: string) => ({
  key: join(directory, "authority.key.pem"),
  certificate: join(directory, "authority.pem"),
});

const privatePem = async (keys: Keys): Promise<string> =>
  `${PemConverter.encode(await globalThis.crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY")}\n`;

const validity = (clock: Clock, { before, after }: { before: Millis; after: Millis }) => ({
  notBefore: new Date(clock.wall() - before),
  notAfter: new Date(clock.wall() + after),
});

/** Makes a new authority in `directory` (0700, files 0600). @throws Fault use.invalid when one is there already */
export async function createAuthority(directory: string, clock: Clock): Promise<Authority> {
  const at = files(directory);
  if ((await readIfThere(at.key)) !== undefined)
    throw new Fault(
      "use.invalid",
      `${directory} already holds an authority: choose another folder, or remove it for good`,
    );
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ["Candor authority"] }],
    keys,
    ...validity(clock, lifetimes.authority),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writeDurably(at.key, await privatePem(keys));
  await writeDurably(at.certificate, `${certificate.toString("pem")}\n`);
  return openAuthority(directory, clock);
}

/** The authority that `createAuthority` made. @throws Fault key.missing */
export async function openAuthority(directory: string, clock: Clock): Promise<Authority> {
  const at = files(directory);
  const [keyPem, certificatePem] = await Promise.all([readIfThere(at.key), readIfThere(at.certificate)]);
  if (keyPem === undefined || certificatePem === undefined)
    throw new Fault("key.missing", `${directory} holds no authority: make one with \`candor bridge init\``);
  const der = PemConverter.decodeFirst(keyPem);
  const signingKey = await globalThis.crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  const issuer = new X509Certificate(certificatePem);

  const issue = async (
    name: string,
    life: { before: Millis; after: Millis },
    extensions: Extension[],
  ): Promise<Credential> => {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      subject: [{ CN: [name] }],
      issuer: issuer.subjectName.toJSON(),
      publicKey: keys.publicKey,
      signingKey,
      ...validity(clock, life),
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        ...extensions,
      ],
    });
    return { keyPem: await privatePem(keys), certificatePem: `${certificate.toString("pem")}\n` };
  };

  return {
    certificatePem,
    issueServerCertificate: async ({ name, hosts }) => {
      if (name.includes(":"))
        throw new Fault("use.invalid", `${name}: a server's name holds no colon, that is for devices`);
      const names = hosts.map((host) => ({ type: isIP(host) === 0 ? ("dns" as const) : ("ip" as const), value: host }));
      return issue(name, lifetimes.server, [
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension(names),
      ]);
    },
    issueDeviceCertificate: ({ tenantId, deviceId }) =>
      issue(`${tenantId}:${deviceId}`, lifetimes.device, [
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      ]),
  };
}
