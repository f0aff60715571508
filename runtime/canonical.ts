import { createHash } from "node:crypto";

/**
 * One text for one value: keys sorted by code unit, no blanks, `undefined` members left out (RFC 8785 for the values
 * used here: numbers print as ECMAScript prints them).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one)).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/** sha256 in hex of a text or bytes. */
export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** Content hash of a value, as orders name rubric, bank and policy by. */
export const contentHash = (value: unknown): string => sha256(canonicalJson(value));
