import type { Agent as PlainAgent } from "node:http";
import type { Agent } from "node:https";
import { z } from "zod";
import { minutes, seconds } from "../../contracts/units.ts";
import { sha256 } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import { type Answer, type Call, post } from "../peer.ts";
import { type Connection, defineAdapter, type Outcome, type Shipment } from "./adapter.ts";
import {
  again,
  agentFor,
  answered,
  answerLimit,
  authorityPem,
  Ended,
  KeptToken,
  notTaken,
  outcomeOf,
  type Token,
  targetBase,
} from "./http.ts";
import { commonPlacement, type Placement, place, refused, resultData } from "./placement.ts";
import { signedAssertion } from "./saml.ts";

/** Property names of OData (V2, "Primitive Data Types"): no quote can break out of an address. */
const odataName = z.string().regex(/^[A-Za-z_]\w{0,127}$/, "a name of OData: letters, digits and _");

/** `total` → `cust_total`, as the Metadata Framework names what a customer adds. */
const customPlacement: Placement = Object.fromEntries(
  Object.entries(commonPlacement).map(([field, path]) => [`cust_${field}`, path]),
);

/** How one technical user reaches one company's API. */
export const account = {
  /** API server of the data centre, `https://apisalesdemo4.successfactors.com`. */
  apiUrl: targetBase,
  companyId: z.string().min(1),
  /** API key of the OAuth client application. */
  clientId: z.string().min(1),
  /** The technical user in whose name results are written and applications read. */
  userId: z.string().min(1),
  /** Key and certificate that were given with the OAuth client application. */
  privateKeyPem: z.string().includes("PRIVATE KEY"),
  certificatePem: z.string().includes("BEGIN CERTIFICATE"),
  authorityPem,
};

const options = z.strictObject({
  ...account,
  /** The Metadata Framework object that holds results, not effective-dated, with `externalCode` as its key. */
  entity: odataName.default("cust_CandorResult"),
  /** Property of the object → path in the result's data. */
  fields: z.record(odataName, z.string().min(1)).default(customPlacement),
});
type Options = z.output<typeof options>;

/** SAP asks to stay away for five minutes after a 429 that does not say how long ("API rate limiting"). */
const overloadWait = minutes(5);
/** Longest `externalCode` of an object of the Metadata Framework. */
const longestCode = 128;

/** The key of a result's record: its effect key, or its digest where that is too long. */
export const externalCode = (effectKey: string): string =>
  effectKey.length <= longestCode ? effectKey : sha256(effectKey);

const tokenAnswer = z.looseObject({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });
const upsertAnswer = z.looseObject({
  d: z.array(z.looseObject({ status: z.string(), httpCode: z.number() })).length(1),
});

type Account = z.output<z.ZodObject<typeof account>>;
export type AccountPeer = { options: Account; agent: Agent | PlainAgent; clock: Clock };
type Peer = AccountPeer & { options: Options };

export const callOf = ({ options, agent }: AccountPeer, path: string, signal: AbortSignal): Omit<Call, "body"> => ({
  url: `${options.apiUrl}${path}`,
  agent,
  limit: answerLimit,
  signal,
});

/** OAuth 2.0 by SAML bearer assertion (RFC 7522), as SAP's "Authentication using OAuth 2.0" describes it. */
async function fetchToken(peer: AccountPeer, signal: AbortSignal): Promise<Token> {
  const { options, clock } = peer;
  const { clientId, companyId, userId, privateKeyPem, certificatePem, apiUrl } = options;
  const successFactors = "www.successfactors.com";
  const assertion = signedAssertion(
    {
      ...{ id: clock.id(), at: clock.wall(), subject: userId, recipient: `${apiUrl}/oauth/token` },
      ...{ issuer: successFactors, audience: successFactors, attributes: { api_key: clientId } },
    },
    { privateKeyPem, certificatePem },
  );
  const body = new URLSearchParams({
    client_id: clientId,
    company_id: companyId,
    grant_type: "urn:ietf:params:oauth:grant-type:saml2-bearer",
    assertion: Buffer.from(assertion).toString("base64"),
  }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  const answer = await post({ ...callOf(peer, "/oauth/token", signal), body, headers });
  if (answer.status !== 200) throw new Ended(tokenRefused(answer, clock));
  const { access_token: value, expires_in: lives } = answered(tokenAnswer, answer, "the token endpoint");
  return { value, lives: seconds(lives) };
}

function tokenRefused(answer: Answer, clock: Clock): Outcome {
  const outcome = notTaken(answer, clock, overloadWait);
  if (outcome.outcome !== "refused") return outcome;
  return refused(
    `SuccessFactors gives no token (${answer.status}): check companyId, clientId, userId and the certificate registered there`,
  );
}

export type OpenAccount<Options extends Account> = {
  peer: { options: Options; agent: Agent | PlainAgent; clock: Clock };
  token: KeptToken;
  close(): void;
};

/** Connections and the one token that all calls of an account share. */
export function openAccount<Options extends Account>(options: Options, clock: Clock): OpenAccount<Options> {
  const agent = agentFor(options.apiUrl, options.authorityPem);
  const peer = { options, agent, clock };
  const closing = new AbortController();
  return {
    peer,
    token: new KeptToken(() => fetchToken(peer, closing.signal), clock),
    close: () => {
      closing.abort();
      agent.destroy();
    },
  };
}

/** The whole request says 200 also when the record was not taken: its own status counts. */
function upserted(answer: Answer): Outcome {
  const [record] = answered(upsertAnswer, answer, "SuccessFactors").d;
  if (record === undefined) return again("SuccessFactors answered for no record");
  if (record.status === "OK") return { outcome: "done" };
  if (record.httpCode === 429) return again("SuccessFactors has too much to do", overloadWait);
  if (record.httpCode >= 500) return again(`SuccessFactors answered ${record.httpCode} for the record`);
  return refused(
    `SuccessFactors refused the record (${record.httpCode}): compare \`fields\` with the object's properties`,
  );
}

async function upsert(peer: Peer, token: string, { shipment, signal }: Sending): Promise<Outcome | undefined> {
  const { entity, fields } = peer.options;
  const code = externalCode(shipment.effectKey);
  const { values, unplaced } = place(resultData(shipment.body), fields);
  const body = JSON.stringify({
    __metadata: { uri: `${entity}('${code.replaceAll("'", "''")}')`, type: `SFOData.${entity}` },
    externalCode: code,
    ...values,
  });
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  const answer = await post({ ...callOf(peer, "/odata/v2/upsert?$format=json", signal), body, headers });
  if (answer.status === 401) return undefined;
  if (answer.status !== 200) return notTaken(answer, peer.clock, overloadWait);
  const outcome = upserted(answer);
  return outcome.outcome === "done" && unplaced.length > 0 ? { ...outcome, unplaced } : outcome;
}

type Sending = { shipment: Shipment; signal: AbortSignal };

/** OData v2 upsert of one record for each result, by `externalCode`. */
export const successFactors = defineAdapter({
  name: "successfactors",
  summary: "Upserts each result into an object of SAP SuccessFactors by OData v2",
  guarantee:
    "Keyed upsert: however often a result is delivered, one record of its external code stands there, with the same content.",
  options,
  open: (options, { clock }): Connection => {
    const { peer, token, close } = openAccount(options, clock);
    return {
      close,
      deliver: (shipment, signal) =>
        outcomeOf(() => token.with((value) => upsert(peer, value, { shipment, signal })), signal),
    };
  },
});
