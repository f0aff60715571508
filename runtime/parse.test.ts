import t from "tap";
import { z } from "zod";
import { parse, parseJson } from "./parse.ts";

const schema = z.object({ questions: z.array(z.object({ limit: z.number() })) });

t.test("names the field at fault and what was being read", async (t) => {
  t.throws(() => parse(schema, { questions: [{ limit: 1 }, { limit: "2" }] }, { what: "the bank" }), {
    code: "message.malformed",
    field: "questions[1].limit",
    message: /^the bank: questions\[1\]\.limit: /,
  });
});

t.test("a schema may name its own fault; a reader may name another", async (t) => {
  const weighted = schema.superRefine((_, context) =>
    context.addIssue({ code: "custom", message: "90", params: { fault: "rubric.weights" } }),
  );
  t.throws(() => parse(weighted, { questions: [] }, { what: "the rubric" }), { code: "rubric.weights" });
  t.throws(() => parseJson(schema, "{", { what: "the order", otherwise: "order.invalid" }), {
    code: "order.invalid",
    message: /^the order: not JSON/,
  });
});

t.test("repeats nothing of a text that is not JSON, neither in words nor in the cause", async (t) => {
  const said = new Map<string, unknown>();
  try {
    parseJson(schema, '"Qwazelinde" said {', { what: "a message" });
    t.fail("parsed");
  } catch (error) {
    const { message, stack = "", cause } = error as Error;
    for (const [name, text] of Object.entries({ message, stack, cause: String(cause) })) said.set(name, text);
  }
  t.equal(
    [...said.values()].some((text) => String(text).includes("Qwazelinde")),
    false,
  );
});
