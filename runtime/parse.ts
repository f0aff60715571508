import type { z } from "zod";
import { Fault, type FaultCode, faults } from "../contracts/fault.ts";

const isCode = (value: unknown): value is FaultCode => typeof value === "string" && Object.hasOwn(faults, value);

/** `questions[1].options` of a path as zod gives it. */
export function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((step, at) => (typeof step === "number" ? `[${step}]` : at === 0 ? String(step) : `.${String(step)}`))
    .join("");
}

/**
 * Unknown → typed, or a fault that names the first field at fault and what it wants. An issue may carry its own code
 * (`params.fault`), else `otherwise` is used. `what` is said in the sentence ("the order").
 */
export function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  blame: { what: string; otherwise?: FaultCode },
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const own =
    issue !== undefined && "params" in issue ? (issue.params as { fault?: unknown } | undefined)?.fault : undefined;
  const code = isCode(own) ? own : (blame.otherwise ?? "message.malformed");
  const field = fieldName(issue?.path ?? []);
  const more = result.error.issues.length > 1 ? ` (and ${result.error.issues.length - 1} more)` : "";
  throw new Fault(
    code,
    `${blame.what}${field === "" ? "" : `: ${field}`}: ${issue?.message ?? "not as expected"}${more}`,
    { cause: result.error, field },
  );
}

/** The same for JSON text. */
export function parseJson<T extends z.ZodType>(
  schema: T,
  text: string | Uint8Array,
  blame: { what: string; otherwise?: FaultCode },
): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(typeof text === "string" ? text : Buffer.from(text).toString("utf8"));
  } catch {
    // Without its cause: the engine's SyntaxError quotes the text, which may be what a person said.
    throw new Fault(
      blame.otherwise ?? "message.malformed",
      `${blame.what}: not JSON; check that it is whole, with its quotes and brackets closed`,
    );
  }
  return parse(schema, value, blame);
}
