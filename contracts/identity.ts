import { z } from "zod";
import { deviceId, tenantId } from "./ids.ts";
import { publicKey } from "./policy.ts";

/** A private key as JWK (P-256); its public half is the same without `d`. */
export const privateKey = publicKey.extend({ d: z.string() });
export type PrivateKey = z.infer<typeof privateKey>;

/**
 * What enrolment leaves on a device. The certificate's subject is CN=`{tenantId}:{deviceId}` (also its user name at the
 * broker); the CA and centre signing are pinned.
 */
export const identity = z.object({
  tenantId,
  deviceId,
  /** PEM: the device's key (PKCS#8), its certificate, and the CA that everything here trusts. */
  keyPem: z.string(),
  certificatePem: z.string(),
  authorityPem: z.string(),
  /** Orders are sealed to it. */
  encryption: privateKey,
  /** Public half of centre signing. */
  centre: publicKey,
});
export type Identity = z.infer<typeof identity>;
