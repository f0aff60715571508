import { createHash, createVerify } from "node:crypto";
import { systemClock } from "../../../runtime/clock.ts";
import { type Asked, type FakeServer, json, type Reply, startFake } from "./server.ts";

export type FakeClient = { companyId: string; clientId: string; userId: string; certificatePem: string };
export type FakeApplication = {
  applicationId: number;
  candidateId: number;
  jobReqId: number;
  firstName: string;
  lastName: string;
  appStatusSetItemId: string;
  /** Epoch milliseconds. */
  lastModifiedDateTime: number;
};
export type FakeSuccessFactors = FakeServer & {
  /** What an OData query of JobApplication finds; a test changes it. */
  readonly applications: FakeApplication[];
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

/** One condition of `$filter` as this fake understands it; undefined for what it does not. */
function conditionOf(text: string): ((one: FakeApplication) => boolean) | undefined {
  const [, name, operator, literal = ""] = /^(\w+) (eq|ge|gt) (datetimeoffset'[^']+'|'[^']*'|\d+L)$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  const quoted = /'(.*)'/.exec(literal)?.[1];
  const isDate = literal.startsWith("datetimeoffset");
  const wanted = isDate ? Date.parse(quoted ?? "") : (quoted ?? Number(literal.slice(0, -1)));
  return (one) => {
    const value = one[name as keyof FakeApplication];
    return operator === "eq" ? value === wanted : operator === "ge" ? value >= wanted : value > wanted;
  };
}

/** `a and (b or c)`: one level of brackets, as OData's grammar allows and this needs. */
function filterOf(text: string): ((one: FakeApplication) => boolean) | undefined {
  const all = text.split(/ and (?![^(]*\))/).map((part) => {
    const some = part.replace(/^\((.*)\)$/, "$1").split(" or ");
    const conditions = some.map(conditionOf);
    return conditions.includes(undefined)
      ? undefined
      : (one: FakeApplication) => conditions.some((holds) => holds?.(one) === true);
  });
  return all.includes(undefined) ? undefined : (one) => all.every((holds) => holds?.(one) === true);
}

/** A query of JobApplication: filtered, ordered by change, a page of it. */
function queried(applications: readonly FakeApplication[], { query }: Asked, url: string): Reply {
  const filter = query.get("$filter");
  const holds = filter === null ? () => true : filterOf(filter);
  const wrong = query.get("$orderby") !== "lastModifiedDateTime,applicationId" || query.get("$format") !== "json";
  if (holds === undefined || wrong)
    return json({ error: { code: "COE_GENERAL_BAD_REQUEST", message: { lang: "en-US", value: "bad query" } } }, 400);
  const [skip, top] = [Number(query.get("$skip") ?? 0), Math.min(1000, Number(query.get("$top") ?? 1000))];
  const found = applications
    .filter(holds)
    .toSorted((a, b) => a.lastModifiedDateTime - b.lastModifiedDateTime || a.applicationId - b.applicationId);
  const results = found.slice(skip, skip + top).map(({ lastModifiedDateTime, ...one }) => ({
    __metadata: { uri: `${url}/odata/v2/JobApplication(${one.applicationId}L)`, type: "SFOData.JobApplication" },
    ...one,
    applicationId: String(one.applicationId),
    candidateId: String(one.candidateId),
    jobReqId: String(one.jobReqId),
    lastModifiedDateTime: `/Date(${lastModifiedDateTime}+0000)/`,
  }));
  const more = found.length > skip + top;
  return json({ d: { results, ...(more ? { __next: `${url}/odata/v2/JobApplication?$skiptoken=x` } : {}) } });
}

/** The parts of SuccessFactors' OAuth and OData v2 that an upsert and a query need, with records in memory. */
export async function startFakeSuccessFactors(client: FakeClient): Promise<FakeSuccessFactors> {
  const records = new Map<string, Record<string, unknown>>();
  const applications: FakeApplication[] = [];
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
    troubled: ({ path }) => path.startsWith("/odata/v2/"),
    busy: { status: 429, headers: { "retry-after": "7" } },
    refusing: json({ d: [{ key: null, status: "ERROR", editStatus: null, index: 0, httpCode: 400 }] }),
    handle: (asked) => {
      const { method, path } = asked;
      if (path === "/oauth/token") return method === "POST" ? giveToken(asked) : { status: 405 };
      const isQuery = path === "/odata/v2/JobApplication";
      if (!isQuery && path !== "/odata/v2/upsert") return { status: 404 };
      if (method !== (isQuery ? "GET" : "POST")) return { status: 405 };
      const bearer = asked.headers.authorization?.replace(/^Bearer /, "") ?? "";
      if (!tokens.has(bearer)) return { status: 401 };
      return isQuery ? queried(applications, asked, fake.url) : upsert(asked);
    },
  });
  return Object.assign(fake, { records, applications, endTokens: () => tokens.clear() });
}
