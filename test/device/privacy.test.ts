import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { ownerOf, topics } from "../../contracts/topics.ts";
import { seconds } from "../../contracts/units.ts";
import { readIdentity } from "../../provisioning/enrol.ts";
import { systemClock } from "../../runtime/clock.ts";
import { answerChoice, answerSpoken, arrive, beginAnswer, clip, readFeedback } from "./interview.ts";
import { agentPid, openSystem } from "./system.ts";
import { entropy, everyFile, formsOfWord, mediaHeaders, searchTraces } from "./traces.ts";
import { openAsRelay, openClient } from "./wire.ts";

t.setTimeout(seconds(280));
const system = await openSystem();
t.teardown(() => system.close());

const name = "Qwazelinde Öztürkmen 王秘密";
const marker = "Zyxmarkerword秘记";
/** Words that the clip says, as the recogniser writes them. */
const spokenWords = ["argue with others", "not argue", "everybody says"];
const personal = [
  ...["Qwazelinde", "Öztürkmen", "王秘密", "Zyxmarkerword", "秘记", ...spokenWords].flatMap(formsOfWord),
];

/** Everything that lies on a disk because of this device and its centre. The test's own pictures and clips are not among it. */
const folders = (): string[] => [system.stack.directory, system.temporary];

async function noTrace(t: Test, when: string): Promise<void> {
  const { findings, files } = await searchTraces(folders(), [...personal, ...mediaHeaders]);
  t.same(findings, [], `${when}: no marker word and no media header in ${files} files`);
  const sealed = (await everyFile(system.stack.layout.state)).filter((file) => file.endsWith(".sealed"));
  for (const file of sealed) {
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (bytes !== undefined && bytes.length > 8192)
      t.ok(entropy(bytes) > 7.9, `${when}: a sealed piece looks like chance`);
  }
}

t.test(
  "leaves no personal word and no media header on any disk, in mid-segment, after a kill and after the whole run",
  async (t) => {
    const { orderId } = await arrive(system, { name, marker });
    await noTrace(t, "with an order on the device");
    await beginAnswer(system);
    const speech = system.emulator.play(await clip(system, "en-backend2-weak"));
    await systemClock.sleep(seconds(4));
    await noTrace(t, "while it records");
    const pid = agentPid(system);
    await system.stack.kill("agent");
    await system.page.untilLost(pid);
    await noTrace(t, "after kill -9 in mid-segment");
    await system.emulator.stopPlaying();
    await speech;
    await system.stack.start("agent");
    await answerSpoken(system, { length: 8 });
    await system.stack.stop("hr");
    await answerChoice(system);
    await readFeedback(system);
    await systemClock.sleep(seconds(1));
    await noTrace(t, "with the scorecard at relay");
    await system.stack.start("hr");
    const { scorecard } = await system.centre.scorecardOf(orderId);
    t.match(
      scorecard.answers[0]?.observations?.transcript?.text ?? "",
      /argue/i,
      "the words that were searched for had been heard",
    );
    await noTrace(t, "with the scorecard at hr");
  },
);

t.test("retains nothing personal in the broker and names nobody in a topic", async (t) => {
  const identity = await readIdentity(system.stack.layout.identity);
  const asRelay = await openAsRelay(system.stack.layout.centre, system.brokerUrl, ["#"]);
  const { tenantId, deviceId } = identity;
  const own = [topics.orders(tenantId, deviceId), topics.receipts(tenantId, deviceId)];
  const asDevice = await openClient({
    url: system.brokerUrl,
    authorityPem: identity.authorityPem,
    credential: identity,
    subscriptions: own,
  });
  await systemClock.sleep(seconds(1));
  const heard = [...asRelay.heard, ...asDevice.heard];
  t.ok(
    heard.some((one) => one.topic.endsWith("/health")),
    "the retained health came",
  );
  t.same(
    heard.filter((one) => !one.topic.endsWith("/health") && !one.topic.endsWith("/receipts")).map((one) => one.topic),
    [],
    "no order and no event is retained",
  );
  for (const { topic, payload } of heard) {
    t.ok(ownerOf(topic) !== undefined && /^[\w/-]+$/.test(topic), `the topic ${topic} is made of opaque ids`);
    t.notOk(
      personal.some((one) => payload.includes(one.bytes)),
      "the message holds no personal word",
    );
  }
  await Promise.all([asRelay.session.stop(), asDevice.session.stop()]);
});

t.test("leaves no personal word in what broker and processes write when they end", async (t) => {
  await system.stack.stop("agent");
  await system.stack.stop("relay");
  await system.stack.stop("broker");
  const store = join(system.stack.layout.centre, "broker", "data", "mosquitto.db");
  t.ok((await readFile(store)).length > 0, "the broker wrote its store");
  await noTrace(t, "after the end");
});
