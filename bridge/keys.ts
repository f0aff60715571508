import { join } from "node:path";
import { z } from "zod";
import { type relayKeyStatement, signedTypes } from "../contracts/envelope.ts";
import { Fault } from "../contracts/fault.ts";
import { type PrivateKey, privateKey } from "../contracts/identity.ts";
import { publicKey } from "../contracts/policy.ts";
import { days } from "../contracts/units.ts";
import type { Clock } from "../runtime/clock.ts";
import { readIfThere, writeDurably } from "../runtime/durable.ts";
import { parseJson } from "../runtime/parse.ts";
import { newDataKey, newPrivateKey, publicHalf, sign, toBase64url } from "../runtime/seal.ts";
import type { PeerTls } from "./peer.ts";

const tls = z.strictObject({ keyPem: z.string(), certificatePem: z.string() });

/** What relay holds: enough to vouch for storage, nothing that opens anything. */
const relayKeys = z.strictObject({
  authorityPem: z.string(),
  tls,
  signing: privateKey,
  /** What centre signing says of `signing` (compact JWS, `signedTypes.relayKey`). */
  statement: z.string(),
  centre: publicKey,
});
export type RelayKeys = z.infer<typeof relayKeys>;

const hrKeys = z.strictObject({
  authorityPem: z.string(),
  tls,
  centre: privateKey,
  encryption: privateKey,
  /** Scorecards are sealed to it too; its private half is kept offline. */
  recovery: publicKey,
  /** The key of hr's store: 32 bytes in base64url. */
  storeKey: z.string(),
});
export type HrKeys = z.infer<typeof hrKeys>;

/** Where the two processes of a centre keep their own within its directory. */
export const centreFiles = (directory: string) => ({
  authority: join(directory, "authority"),
  broker: join(directory, "broker"),
  relayKeys: join(directory, "relay", "keys", "keys.json"),
  relayStore: join(directory, "relay", "store.sqlite"),
  relayReady: join(directory, "relay.ready.json"),
  hrKeys: join(directory, "hr", "keys", "keys.json"),
  hrStore: join(directory, "hr", "store.sqlite"),
  hrReady: join(directory, "hr.ready.json"),
  recovery: join(directory, "recovery", "recovery.json"),
});

async function readKeys<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
  const text = await readIfThere(path);
  if (text === undefined)
    throw new Fault("key.missing", `${path} is missing: make the centre with \`candor bridge init\``);
  return parseJson(schema, text, { what: path, otherwise: "file.unreadable" });
}

/** @throws Fault key.missing, file.unreadable */
export const readRelayKeys = (directory: string): Promise<RelayKeys> =>
  readKeys(centreFiles(directory).relayKeys, relayKeys);
/** @throws Fault key.missing, file.unreadable */
export const readHrKeys = (directory: string): Promise<HrKeys> => readKeys(centreFiles(directory).hrKeys, hrKeys);

export const peerTls = (keys: RelayKeys | HrKeys): PeerTls => ({
  ca: keys.authorityPem,
  cert: keys.tls.certificatePem,
  key: keys.tls.keyPem,
});

/** A device checks it by its own clock, which may be years off: as long as a server's certificate. */
const statementLife = days(5 * 365);

export type NewCentre = {
  directory: string;
  authorityPem: string;
  relayTls: z.infer<typeof tls>;
  hrTls: z.infer<typeof tls>;
  clock: Clock;
};

/**
 * Makes the keys of a new centre. The recovery key's private half goes to a file of its own, for the operator to move
 * offline. Hands back the public half of centre signing, which devices pin.
 */
export async function createCentreKeys({ directory, authorityPem, relayTls, hrTls, clock }: NewCentre) {
  const at = centreFiles(directory);
  const [centre, encryption, recovery, relay] = await Promise.all([
    newPrivateKey(),
    newPrivateKey(),
    newPrivateKey(),
    newPrivateKey(),
  ]);
  const exp = Math.floor((clock.wall() + statementLife) / 1000);
  const statement = await sign(
    { use: "relay", key: publicHalf(relay), exp } satisfies z.infer<typeof relayKeyStatement>,
    {
      key: centre,
      type: signedTypes.relayKey,
    },
  );
  const forHr: HrKeys = {
    authorityPem,
    tls: hrTls,
    centre,
    encryption,
    recovery: publicHalf(recovery),
    storeKey: toBase64url(newDataKey()),
  };
  const forRelay: RelayKeys = { authorityPem, tls: relayTls, signing: relay, statement, centre: publicHalf(centre) };
  await writeDurably(at.hrKeys, `${JSON.stringify(forHr, null, 2)}\n`);
  await writeDurably(at.relayKeys, `${JSON.stringify(forRelay, null, 2)}\n`);
  await writeDurably(at.recovery, `${JSON.stringify(recovery satisfies PrivateKey, null, 2)}\n`);
  return { centre: publicHalf(centre), recoveryFile: at.recovery };
}
