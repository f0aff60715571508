import t from "tap";
import { systemClock } from "./clock.ts";
import { backOff, retry, retryPolicies } from "./retry.ts";

const policy = { name: "test", attempts: 3, first: 1, factor: 2, most: 4 };

t.test("tries as often as the policy says and hands back the last error untouched", async (t) => {
  const words = ["one", "two", "three"];
  let tries = 0;
  await t.rejects(
    retry(policy, { clock: systemClock }, async () => {
      throw new Error(words[tries++]);
    }),
    { message: "three" },
  );
  t.equal(tries, 3);
});

t.test("stops at an error that is not worth another try, and when told to stop", async (t) => {
  let tries = 0;
  const fail = async (): Promise<never> => {
    tries++;
    throw new Error("no");
  };
  await t.rejects(retry(policy, { clock: systemClock, worthwhile: () => false }, fail), { message: "no" });
  t.equal(tries, 1);
  await t.rejects(retry(retryPolicies.reopen, { clock: systemClock, signal: AbortSignal.timeout(30) }, fail));
});

t.test("the wait grows to its limit and stays within a fifth of it", async (t) => {
  const { deliver } = retryPolicies;
  t.ok(Math.abs(backOff(deliver, 0, () => 0.5) - deliver.first) < 1e-6);
  for (const chance of [0, 0.5, 1]) {
    const wait = backOff(deliver, 40, () => chance);
    t.ok(wait >= deliver.most * 0.8 && wait <= deliver.most * 1.2 + 1e-6);
  }
});
