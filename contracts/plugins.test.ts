import t from "tap";
import { bodySignalNamed, bodySignals, plugins } from "./plugins.ts";
import { policy } from "./policy.ts";

const consent = (purpose: string, required = false) => ({
  purpose,
  textId: purpose,
  version: 1,
  required,
  text: { en: `Do you agree to ${purpose}?` },
});
const written = {
  id: "p",
  version: 1,
  region: "CN",
  consents: [consent("recording", true), consent("scoring", true)],
  retention: { recordingDays: 30, transcriptDays: 30, scorecardDays: 180, journalDays: 180 },
  alternative: { en: "A person." },
  notice: { en: "Two questions." },
};
const allowing = (id: string, change: object = {}) => ({
  ...written,
  plugins: [id],
  consents: [...written.consents, consent(id)],
  ...change,
});
const issueOf = (value: unknown) => policy.safeParse(value).error?.issues[0];

t.test("a policy that says nothing of plug-ins allows none", async (t) => {
  t.strictSame(policy.parse(written).plugins, []);
});

t.test("a plug-in is allowed by name, with a consent of its own that nobody has to give", async (t) => {
  for (const id of plugins) {
    t.strictSame(policy.parse(allowing(id)).plugins, [id]);
    t.match(issueOf(allowing(id, { consents: written.consents })), {
      path: ["plugins", 0],
      message: /consent of its own/,
    });
    const forced = allowing(id, { consents: [...written.consents, consent(id, true)] });
    t.match(issueOf(forced), { path: ["consents", 2, "required"], message: /set it to false/ });
    t.match(issueOf(allowing(id, { plugins: [] })), { path: ["consents", 2, "purpose"], message: /do not name/ });
  }
  t.match(issueOf(allowing("personality", { consents: written.consents })), {
    path: ["plugins", 0],
    message: /no plug-in "personality": use some of pitch/,
  });
});

t.test("signals of the body are refused by name, however it is spelt, with the reason", async (t) => {
  for (const { id, alsoCalled, reason } of bodySignals)
    for (const name of [id, ...alsoCalled]) {
      const refused = issueOf({ ...written, plugins: [name] });
      t.match(refused, { path: ["plugins", 0], params: { fault: "policy.banned" } }, name);
      t.ok(refused?.message.includes(reason.en ?? "?"), `${name}: ${refused?.message}`);
    }
  for (const name of ["heart_rate", "Heart-Rate", "HRV", "rPPG"]) t.equal(bodySignalNamed(name)?.id, "heartRate", name);
  t.equal(bodySignalNamed("pitch"), undefined);
});

t.test("a region that bans a plug-in refuses the policy that names it", async (t) => {
  for (const region of ["eu", "EU", "eu-DE"])
    t.match(issueOf(allowing("expression", { region })), { path: ["plugins", 0], params: { fault: "policy.banned" } });
  t.equal(issueOf(allowing("pitch", { region: "eu" })), undefined);
  t.equal(issueOf(allowing("expression", { region: "EUROPA-7" })), undefined, "another name is another region");
});
