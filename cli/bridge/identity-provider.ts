import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** An OpenID Connect provider on a loopback port, as far as the code flow with PKCE goes. It signs everybody in. */
export type IdentityProvider = {
  issuer: string;
  client: { clientId: string; clientSecret: string };
  /** Claims of the next ID token. */
  say: (claims: Record<string, unknown>) => void;
  /** Signs with a key that is not among those it publishes. */
  forge: (on: boolean) => void;
  stop: () => Promise<void>;
};

type Asked = { challenge: string; nonce: string; redirectUri: string };

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const [own, other] = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
  const client = { clientId: "candor", clientSecret: "a secret of the tests" };
  const codes = new Map<string, Asked>();
  let claims: Record<string, unknown> = {};
  let forged = false;
  let issuer = "";
  const json = (response: ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const authorize = ({ searchParams: asked }: URL, response: ServerResponse): void => {
    const [code, redirectUri] = [randomUUID(), asked.get("redirect_uri") ?? ""];
    if (asked.get("client_id") !== client.clientId || asked.get("code_challenge_method") !== "S256")
      throw new Error("this request is not of the code flow with PKCE");
    codes.set(code, { challenge: asked.get("code_challenge") ?? "", nonce: asked.get("nonce") ?? "", redirectUri });
    const back = new URL(redirectUri);
    back.search = new URLSearchParams({ code, state: asked.get("state") ?? "" }).toString();
    response.writeHead(302, { location: back.href }).end();
  };
  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = new URLSearchParams(await text(request));
    const basic = Buffer.from(`${client.clientId}:${encodeURIComponent(client.clientSecret).replaceAll("%20", "+")}`);
    if (request.headers.authorization !== `Basic ${basic.toString("base64")}`)
      return json(response, 401, { error: "invalid_client" });
    const code = asked.get("code") ?? "";
    const known = codes.get(code);
    codes.delete(code);
    const challenge = createHash("sha256")
      .update(asked.get("code_verifier") ?? "")
      .digest("base64url");
    if (known?.challenge !== challenge || known.redirectUri !== asked.get("redirect_uri"))
      return json(response, 400, { error: "invalid_grant" });
    const idToken = await new SignJWT({ nonce: known.nonce, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .setIssuer(issuer)
      .setAudience(client.clientId)
      .setIssuedAt()
      .setExpirationTime("5 minutes")
      .sign((forged ? other : own).privateKey);
    json(response, 200, { access_token: randomUUID(), token_type: "Bearer", expires_in: 300, id_token: idToken });
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", issuer);
    if (url.pathname === "/.well-known/openid-configuration")
      return json(response, 200, {
        ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
        ...{ jwks_uri: `${issuer}/keys`, response_types_supported: ["code"], subject_types_supported: ["public"] },
        id_token_signing_alg_values_supported: ["ES256"],
      });
    if (url.pathname === "/keys")
      return json(response, 200, {
        keys: [{ ...(await exportJWK(own.publicKey)), kid: "one", alg: "ES256", use: "sig" }],
      });
    if (url.pathname === "/authorize") return authorize(url, response);
    if (url.pathname === "/token") return token(request, response);
    json(response, 404, {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ issuer, client },
    say: (next) => {
      claims = next;
    },
    forge: (on) => {
      forged = on;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
