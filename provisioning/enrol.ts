import { join } from "node:path";
import { Fault } from "../contracts/fault.ts";
import { type Identity, identity } from "../contracts/identity.ts";
import { deviceId as deviceIdOf, tenantId as tenantIdOf } from "../contracts/ids.ts";
import type { PublicKey } from "../contracts/policy.ts";
import { readIfThere, writeDurably } from "../runtime/durable.ts";
import { parse, parseJson } from "../runtime/parse.ts";
import { newPrivateKey, publicHalf } from "../runtime/seal.ts";
import type { Authority } from "./authority.ts";

const identityFile = (directory: string): string => join(directory, "identity.json");

export type Enrolment = {
  authority: Authority;
  tenantId: string;
  deviceId: string;
  /** Public half of centre signing, pinned on the device. */
  centre: PublicKey;
  /** Where the identity goes (made 0700; the file is 0600). */
  directory: string;
};

/** Gives a device its keys and certificate and pins the centre. Replaces what stood there. @throws Fault use.invalid */
export async function enrolDevice({ authority, centre, directory, ...wanted }: Enrolment): Promise<Identity> {
  const tenantId = parse(tenantIdOf, wanted.tenantId, { what: "the tenant", otherwise: "use.invalid" });
  const deviceId = parse(deviceIdOf, wanted.deviceId, { what: "the device", otherwise: "use.invalid" });
  const made: Identity = {
    tenantId,
    deviceId,
    ...(await authority.issueDeviceCertificate({ tenantId, deviceId })),
    authorityPem: authority.certificatePem,
    encryption: await newPrivateKey(),
    centre: publicHalf(centre),
  };
  await writeDurably(identityFile(directory), `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

/** Who this device is. @throws Fault key.missing, file.unreadable */
export async function readIdentity(directory: string): Promise<Identity> {
  const text = await readIfThere(identityFile(directory));
  if (text === undefined)
    throw new Fault("key.missing", `${directory} holds no identity: enrol the device with \`candor bridge enrol\``);
  return parseJson(identity, text, { what: "the device's identity", otherwise: "file.unreadable" });
}
