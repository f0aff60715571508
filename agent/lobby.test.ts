import t from "tap";
import { minutes, seconds } from "../contracts/units.ts";
import { TestClock } from "../test/rigs/agent.ts";
import { Lobby } from "./lobby.ts";

function lobby() {
  const clock = new TestClock();
  const over: string[] = [];
  return { clock, over, lobby: new Lobby(clock) };
}

t.test("a service page that nobody leaves goes after five minutes", async (t) => {
  const { clock, over, lobby: shown } = lobby();
  shown.pass({ show: "service" }, () => over.push("service"));
  await clock.pass(minutes(5) - 50);
  t.strictSame(over, []);
  t.ok(shown.passes);
  await clock.pass(100);
  t.strictSame(over, ["service"]);
});

t.test("a page that took the place of another goes at its own time", async (t) => {
  const { clock, over, lobby: shown } = lobby();
  shown.pass({ show: "codeRefused", fault: "qr.expired", text: "" }, () => over.push("codeRefused"));
  await clock.pass(seconds(7));
  shown.pass({ show: "service" }, () => over.push("service"));
  await clock.pass(seconds(60));
  t.strictSame(over, []);
  shown.wait();
  await clock.pass(minutes(6));
  t.strictSame(over, []);
  t.notOk(shown.passes);
});
