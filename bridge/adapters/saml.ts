import { createHash, createSign, X509Certificate } from "node:crypto";
import { type EpochMillis, minutes } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";

export type Assertion = {
  /** A fresh opaque id. */
  id: string;
  at: EpochMillis;
  issuer: string;
  subject: string;
  /** Address of the token endpoint. */
  recipient: string;
  audience: string;
  attributes: Readonly<Record<string, string>>;
};

const assertionLife = minutes(10);
const c14n = "http://www.w3.org/2001/10/xml-exc-c14n#";
const dsig = "http://www.w3.org/2000/09/xmldsig#";

const replaced = (text: string, escapes: Readonly<Record<string, string>>): string =>
  text.replace(/[&<>"\r\n\t]/g, (one) => escapes[one] ?? (/\s/.test(one) ? " " : one));

/** As canonical XML writes them: a quote stays in text, a `>` in an attribute's value (W3C xml-c14n §2.3). */
const textOf = (text: string): string => replaced(text, { "&": "&amp;", "<": "&lt;", ">": "&gt;" });
const attributeOf = (text: string): string => replaced(text, { "&": "&amp;", "<": "&lt;", '"': "&quot;" });

/**
 * The assertion's two halves, between which its signature goes. Both are in exclusive canonical form as they stand (no
 * empty-element tags, the one namespace declared at the root, attributes in order of their names), so that what is
 * signed is what is sent and nothing needs an XML library.
 */
function halves({ id, at, issuer, subject, recipient, audience, attributes }: Assertion): [string, string] {
  const now = timestamp(at);
  const end = timestamp(at + assertionLife);
  const rows = Object.entries(attributes)
    .map(
      ([name, value]) =>
        `<saml2:Attribute Name="${attributeOf(name)}"><saml2:AttributeValue>${textOf(value)}</saml2:AttributeValue></saml2:Attribute>`,
    )
    .join("");
  return [
    `<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${id}" IssueInstant="${now}" Version="2.0">` +
      `<saml2:Issuer>${textOf(issuer)}</saml2:Issuer>`,
    `<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${textOf(subject)}</saml2:NameID>` +
      `<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
      `<saml2:SubjectConfirmationData NotOnOrAfter="${end}" Recipient="${attributeOf(recipient)}"></saml2:SubjectConfirmationData>` +
      `</saml2:SubjectConfirmation></saml2:Subject>` +
      `<saml2:Conditions NotBefore="${timestamp(at - minutes(5))}" NotOnOrAfter="${end}"><saml2:AudienceRestriction>` +
      `<saml2:Audience>${textOf(audience)}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>` +
      `<saml2:AuthnStatement AuthnInstant="${now}" SessionIndex="_${id}"><saml2:AuthnContext>` +
      `<saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef>` +
      `</saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement>${rows}</saml2:AttributeStatement></saml2:Assertion>`,
  ];
}

const signedInfo = (id: string, digest: string, declared: string): string =>
  `<ds:SignedInfo${declared}><ds:CanonicalizationMethod Algorithm="${c14n}"></ds:CanonicalizationMethod>` +
  `<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>` +
  `<ds:Reference URI="#_${id}"><ds:Transforms>` +
  `<ds:Transform Algorithm="${dsig}enveloped-signature"></ds:Transform><ds:Transform Algorithm="${c14n}"></ds:Transform>` +
  `</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>` +
  `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;

/**
 * A SAML 2.0 bearer assertion (saml-core-2.0 §2, RFC 7522 §3), signed within by RSA-SHA256 (W3C xmldsig-core §2, the
 * enveloped form), valid for ten minutes.
 */
export function signedAssertion(assertion: Assertion, key: { privateKeyPem: string; certificatePem: string }): string {
  const [before, after] = halves(assertion);
  const digest = createHash("sha256")
    .update(before + after)
    .digest("base64");
  const canonical = signedInfo(assertion.id, digest, ` xmlns:ds="${dsig}"`);
  const value = createSign("RSA-SHA256").update(canonical).sign(key.privateKeyPem, "base64");
  const certificate = new X509Certificate(key.certificatePem).raw.toString("base64");
  return (
    `${before}<ds:Signature xmlns:ds="${dsig}">${signedInfo(assertion.id, digest, "")}` +
    `<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>` +
    `<ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>${after}`
  );
}
