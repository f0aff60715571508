import { createCipheriv, createDecipheriv, createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import {
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  exportJWK,
  GeneralEncrypt,
  type GeneralJWE,
  generalDecrypt,
  generateKeyPair,
  importJWK,
} from "jose";
import { Fault } from "../contracts/fault.ts";
import type { PrivateKey } from "../contracts/identity.ts";
import type { PublicKey } from "../contracts/policy.ts";

/**
 * Signing (JWS, ES256) and sealing (JWE, ECDH-ES+A256KW with A256GCM, any number of recipients) of texts, and sealing of
 * bytes under a session's data key (AES-256-GCM). RFC 7515, 7516, 7518.
 */

export const toBase64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
export const fromBase64url = (text: string): Buffer => Buffer.from(text, "base64url");

export async function newPrivateKey(): Promise<PrivateKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...(jwk as Omit<PrivateKey, "kid">), kid: await calculateJwkThumbprint(jwk) } as PrivateKey;
}

export function publicHalf({ kty, crv, x, y, kid }: PublicKey): PublicKey {
  return { kty, crv, x, y, kid };
}

/** A key as JWK, or a device's PKCS#8 key with the certificate that says whose it is. */
export type CertifiedKey = { keyPem: string; certificatePem: string };
export type SigningKey = PrivateKey | CertifiedKey;

const isCertified = (key: SigningKey): key is CertifiedKey => typeof key["keyPem"] === "string";

/** Compact JWS over the payload's JSON. `type` goes into `typ`, so that no signed thing can pass for another. */
export async function sign(payload: object, { key, type }: { key: SigningKey; type: string }): Promise<string> {
  const signer = new CompactSign(Buffer.from(JSON.stringify(payload)));
  if (isCertified(key)) {
    const x5c = [new X509Certificate(key.certificatePem).raw.toString("base64")];
    return signer.setProtectedHeader({ alg: "ES256", typ: type, x5c }).sign(createPrivateKey(key.keyPem));
  }
  return signer.setProtectedHeader({ alg: "ES256", typ: type, kid: key.kid }).sign(await importJWK(key, "ES256"));
}

function header(token: string, type: string): { kid?: string; x5c?: string[] } {
  if (token === "") throw new Fault("signature.missing", `a signed ${type} was expected and nothing came`);
  let found: ReturnType<typeof decodeProtectedHeader>;
  try {
    found = decodeProtectedHeader(token);
  } catch (error) {
    throw new Fault("signature.missing", `a signed ${type} was expected; this is not a signature (compact JWS)`, {
      cause: error,
    });
  }
  if (found.typ !== type)
    throw new Fault("signature.invalid", `signed as ${JSON.stringify(found.typ)}, expected ${JSON.stringify(type)}`);
  return {
    ...(found.kid === undefined ? {} : { kid: found.kid }),
    ...(found.x5c === undefined ? {} : { x5c: found.x5c }),
  };
}

async function check(
  token: string,
  key: Parameters<typeof compactVerify>[1],
  type: string,
): Promise<Record<string, unknown>> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: ["ES256"] });
    return JSON.parse(Buffer.from(payload).toString("utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new Fault("signature.invalid", `the signature of this ${type} does not hold`, { cause: error });
  }
}

/** The payload of a JWS signed with one of the pinned keys. @throws Fault signature.missing, signature.invalid */
export async function verifyWithKey(
  token: string,
  { key, type }: { key: PublicKey | readonly PublicKey[]; type: string },
): Promise<Record<string, unknown>> {
  const { kid } = header(token, type);
  const keys = Array.isArray(key) ? (key as readonly PublicKey[]) : [key as PublicKey];
  const pinned = keys.find((one) => one.kid === kid);
  if (pinned === undefined)
    throw new Fault("signature.invalid", `signed with a key that is not pinned here (${kid ?? "no key id"})`);
  return check(token, await importJWK(publicHalf(pinned), "ES256"), type);
}

/** Days a certificate may lie in the future or past by the reader's clock: none; a reader with a wrong clock passes `atMillis` undefined. */
export type CertificateTrust = { authorityPem: string; type: string; atMillis?: number };

/** A certificate issued by the pinned authority, and whose it is. @throws Fault certificate.untrusted, certificate.expired */
export function checkCertificate(
  certificate: X509Certificate,
  { authorityPem, atMillis }: Omit<CertificateTrust, "type">,
): string {
  const authority = new X509Certificate(authorityPem);
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey))
    throw new Fault("certificate.untrusted", "the certificate was not issued by the authority pinned here");
  if (
    atMillis !== undefined &&
    (atMillis < Date.parse(certificate.validFrom) || atMillis > Date.parse(certificate.validTo))
  )
    throw new Fault(
      "certificate.expired",
      `the certificate is valid from ${certificate.validFrom} to ${certificate.validTo}: renew it`,
    );
  const subject = /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1];
  if (subject === undefined) throw new Fault("certificate.untrusted", "the certificate names no subject");
  return subject;
}

/** The payload of a JWS whose x5c certificate was issued by the pinned authority, and the certificate's common name. */
export async function verifyWithCertificate(
  token: string,
  trust: CertificateTrust,
): Promise<{ payload: Record<string, unknown>; subject: string; certificatePem: string }> {
  const { x5c } = header(token, trust.type);
  const der = x5c?.[0];
  if (der === undefined) throw new Fault("certificate.untrusted", "signed without a certificate");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(Buffer.from(der, "base64"));
  } catch (error) {
    throw new Fault("certificate.untrusted", "the certificate in the signature cannot be read", { cause: error });
  }
  const subject = checkCertificate(certificate, trust);
  const payload = await check(token, certificate.publicKey, trust.type);
  return { payload, subject, certificatePem: certificate.toString() };
}

/** Seals a text to every recipient; each can open it alone. */
export async function seal(text: string, recipients: readonly PublicKey[]): Promise<GeneralJWE> {
  if (recipients.length === 0) throw new Fault("key.missing", "there is no one to seal to");
  const encrypt = new GeneralEncrypt(Buffer.from(text)).setProtectedHeader({ enc: "A256GCM" });
  for (const recipient of recipients)
    encrypt
      .addRecipient(await importJWK(publicHalf(recipient), "ECDH-ES+A256KW"))
      .setUnprotectedHeader({ alg: "ECDH-ES+A256KW", kid: recipient.kid });
  return encrypt.encrypt();
}

/** @throws Fault seal.unreadable */
export async function unseal(sealed: unknown, key: PrivateKey): Promise<string> {
  try {
    const { plaintext } = await generalDecrypt(sealed as GeneralJWE, await importJWK(key, "ECDH-ES+A256KW"), {
      keyManagementAlgorithms: ["ECDH-ES+A256KW"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    return Buffer.from(plaintext).toString("utf8");
  } catch (error) {
    throw new Fault("seal.unreadable", "this was not sealed to the key at hand, or it was changed on the way", {
      cause: error,
    });
  }
}

const nonceBytes = 12;
const tagBytes = 16;

/** 32 fresh bytes. */
export const newDataKey = (): Buffer => randomBytes(32);

/** nonce (12 bytes) · ciphertext · tag (16 bytes). `context` is authenticated with it: sealed bytes cannot be moved elsewhere. */
export function sealBytes(key: Uint8Array, bytes: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Fault seal.unreadable */
export function openBytes(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)), decipher.final()]);
  } catch (error) {
    throw new Fault("seal.unreadable", `the sealed bytes of ${context} do not open: wrong key, or changed`, {
      cause: error,
    });
  }
}
