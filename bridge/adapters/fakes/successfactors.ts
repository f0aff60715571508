import { createHash, createVerify } from "node:crypto";
import { systemClock } from "../../../runtime/clock.ts";
import { type Asked, type FakeServer, json, type Reply, startFake } from "./server.ts";

export type FakeClient = { companyId: string; clientId: string; userId: string; certificatePem: string };
export type FakeSuccessFactors = FakeServer & {
  /** Records by `Entity('code')`. */
  readonly records: ReadonlyMap<string, Record<string, unknown>>;
  /** Ends every token before its time. */
  endTokens(): void;
};

const inside = (xml: string, tag: string): string | undefined =>
  new RegExp(`<${tag}[^>]*>([^<]*)</${tag}>`).exec(xml)?.[1];

/** Checks an enveloped XML signature whose document is in canonical form (W3C xmldsig-core §3.2), then what it says. */
export function assertionHolds(xml: string, client: FakeClient, tokenUrl: string): boolean {
  const [signature] = /<ds:Signature .*<\/ds:Signature>/s.exec(xml) ?? [];
  const [info] = /<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(signature ?? "") ?? [];
  const value = inside(signature ?? "", "ds:SignatureValue");
  if (signature === undefined || info === undefined || value === undefined) return false;
  const canonical = info.replace("<ds:SignedInfo>", '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">');
  const digest = createHash("sha256").update(xml.replace(signature, "")).digest("base64");
  const end = /<saml2:Conditions NotBefore="[^"]*" NotOnOrAfter="([^"]*)">/.exec(xml)?.[1];
  return (
    createVerify("RSA-SHA256").update(canonical).verify(client.certificatePem, value, "base64") &&
    inside(info, "ds:DigestValue") === digest &&
    inside(xml, "saml2:NameID") === client.userId.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;") &&
    inside(xml, "saml2:Audience") === "www.successfactors.com" &&
    inside(xml, "saml2:AttributeValue") === client.clientId &&
    xml.includes(`Recipient="${tokenUrl}"`) &&
    Date.parse(end ?? "") > systemClock.wall()
  );
}

/** The parts of SuccessFactors' OAuth and OData v2 that an upsert needs, with records in memory. */
export async function startFakeSuccessFactors(client: FakeClient): Promise<FakeSuccessFactors> {
  const records = new Map<string, Record<string, unknown>>();
  const tokens = new Set<string>();

  const giveToken = ({ body }: Asked): Reply => {
    const form = new URLSearchParams(body);
    const xml = Buffer.from(form.get("assertion") ?? "", "base64").toString("utf8");
    const known = form.get("client_id") === client.clientId && form.get("company_id") === client.companyId;
    const kind = form.get("grant_type") === "urn:ietf:params:oauth:grant-type:saml2-bearer";
    if (!known || !kind || !assertionHolds(xml, client, `${fake.url}/oauth/token`))
      return json({ errorHttpCode: "401", errorMessage: "Unable to verify the signature of the SAML assertion" }, 401);
    const token = systemClock.id();
    tokens.add(token);
    return json({ access_token: token, token_type: "Bearer", expires_in: 86_400 });
  };

  const upsert = ({ body }: Asked): Reply => {
    const { __metadata: metadata, ...record } = JSON.parse(body) as { __metadata: { uri: string } };
    const { externalCode } = record as { externalCode?: string };
    const fits = metadata.uri === `cust_CandorResult('${externalCode}')`;
    if (!fits) return json({ d: [{ key: null, status: "ERROR", editStatus: null, index: 0, httpCode: 400 }] });
    records.set(metadata.uri, record);
    return json({ d: [{ key: externalCode, status: "OK", editStatus: "UPSERTED", index: 0, httpCode: 200 }] });
  };

  const fake = await startFake({
    troubled: ({ path }) => path === "/odata/v2/upsert",
    busy: { status: 429, headers: { "retry-after": "7" } },
    refusing: json({ d: [{ key: null, status: "ERROR", editStatus: null, index: 0, httpCode: 400 }] }),
    handle: (asked) => {
      if (asked.method !== "POST") return { status: 405 };
      if (asked.path === "/oauth/token") return giveToken(asked);
      if (asked.path !== "/odata/v2/upsert") return { status: 404 };
      const bearer = asked.headers.authorization?.replace(/^Bearer /, "") ?? "";
      return tokens.has(bearer) ? upsert(asked) : { status: 401 };
    },
  });
  return Object.assign(fake, { records, endTokens: () => tokens.clear() });
}
