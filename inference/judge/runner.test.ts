import t from "tap";
import { z } from "zod";
import { seconds } from "../../contracts/units.ts";
import { systemClock } from "../../runtime/clock.ts";
import { converse } from "./runner.ts";

const around = { clock: systemClock, signal: new AbortController().signal };
const shell = (script: string, count: number, patience = seconds(20)) =>
  converse(
    { program: "/bin/sh", args: ["-c", script], request: {}, reports: z.object({ n: z.number() }), count, patience },
    around,
  );

t.test("kills a runner that says nothing for too long, and keeps what it said", async (t) => {
  const told = await shell(`echo '{"n":1}'; exec sleep 60`, 2, seconds(0.5));
  t.match(told, { reports: [{ n: 1 }], overdue: true });
});

t.test("hands back what a runner told before it fell, with its last words", async (t) => {
  const told = await shell(`echo '{"n":1}'; echo 'no more' >&2; kill -9 $$`, 2);
  t.match(told, { reports: [{ n: 1 }], overdue: false, complaint: "no more\n" });
});

t.test("refuses a report that is none", async (t) => {
  await t.rejects(shell("echo nonsense", 1), { code: "judge.broken" });
});
