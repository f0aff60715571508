import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { CaptureRequest, Segment } from "../contracts/capture.ts";
import { asFault } from "../contracts/fault.ts";
import type { InferenceRequest } from "../contracts/inference.ts";
import type { Order } from "../contracts/order.ts";
import { silentLog } from "../runtime/log.ts";
import { openBytes, sealBytes } from "../runtime/seal.ts";
import { makeRig, orderFor, type Rig } from "../test/rigs/agent.ts";
import { CentreTime } from "./centreTime.ts";
import { Interview, type InterviewOptions } from "./interview.ts";
import { readJournal } from "./journal.ts";
import { Orders } from "./orders.ts";
import { Outbox } from "./outbox.ts";
import { pressed } from "./session/press.ts";
import type { Session } from "./session/state.ts";
import { SessionStore } from "./sessionStore.ts";
import type { Prompts } from "./speaker.ts";

const good = { microphone: "good", camera: "good" } as const;
const time = "2026-03-01T09:00:00.000Z";

/** Everything around one session that lies on the disk, as after a start of the agent. What leaves for other processes is noted. */
async function start(rig: Rig, bootId = "boot-1") {
  const { identity, stateDirectory, clock } = rig;
  const faults: unknown[] = [];
  const capture: CaptureRequest[] = [];
  const inference: InferenceRequest[] = [];
  const ended: Session[] = [];
  const speaker: Prompts = {
    speak: () => undefined,
    duck: () => undefined,
    hush: async () => undefined,
    silentSince: undefined,
  };
  const trust = new CentreTime({ stateDirectory, clock, certificatePem: identity.certificatePem });
  const store = new SessionStore(stateDirectory, identity);
  const outbox = new Outbox({
    stateDirectory,
    identity,
    bootId,
    clock,
    log: silentLog(),
    quality: () => "unknown",
    publish: async () => undefined,
    onFault: (error) => faults.push(error),
  });
  await outbox.start();
  const surroundings = {
    identity,
    outbox,
    store,
    time: trust,
    orders: new Orders({ stateDirectory, identity, onTime: async () => undefined }),
    capture: (_stream: string, request: CaptureRequest) => capture.push(request),
    inference: (request: InferenceRequest) => inference.push(request),
    speaker,
    picturesPath: "",
  };
  const options = (folder: InterviewOptions["folder"]): InterviewOptions => ({
    surroundings: surroundings as unknown as InterviewOptions["surroundings"],
    folder,
    clock,
    bootId,
    onChange: () => undefined,
    onClosed: async (session) => {
      ended.push(session);
    },
    onFault: (error) => faults.push(error),
  });
  return { store, outbox, faults, capture, inference, ended, speaker, options };
}
type World = Awaited<ReturnType<typeof start>>;

async function begin(
  rig: Rig,
  world: World,
  change: Partial<Order> = {},
): Promise<{ interview: Interview; folder: InterviewOptions["folder"] }> {
  const order = orderFor(rig, change);
  const folder = await world.store.create("s", { recipients: order.recipients, recordingDays: 90 });
  const opening = {
    type: "opened",
    version: 1,
    sessionId: "s",
    orderId: order.orderId,
    nonce: "n",
    clockQuality: "unknown",
    software: "0",
    bootId: "boot-1",
    origin: rig.clock.monotonic(),
    order,
  } as const;
  return { interview: await Interview.begin(world.options(folder), opening), folder };
}

async function resume(world: World): Promise<Interview> {
  const folder = await world.store.open("s");
  const interview = folder === undefined ? undefined : await Interview.resume(world.options(folder));
  if (interview === undefined) throw new Error("there is no session to resume");
  return interview;
}

async function press(interview: Interview, ...buttons: ("start" | "A" | "B")[]): Promise<void> {
  for (const button of buttons) await interview.submit((session) => pressed(session, button, { time, check: good }));
}

/** Seals a second of sound into the session's folder, as the microphone process does. */
async function sealed(folder: InterviewOptions["folder"], index: number): Promise<Segment> {
  const file = `mic-${String(index).padStart(6, "0")}.sealed`;
  const key = folder.keys.content ?? Buffer.alloc(32);
  await mkdir(folder.media, { recursive: true });
  await writeFile(join(folder.media, file), sealBytes(key, Buffer.alloc(32_000), `s/${file}`));
  return {
    stream: "mic",
    answerId: "s-a1",
    index,
    file,
    offsetMillis: index * 1000,
    durationMillis: 1000,
    initialisation: false,
    sha256: "",
  };
}

t.test("has each fact on the disk before anything is done about it", async (t) => {
  const rig = await makeRig();
  const world = await start(rig);
  const { interview, folder } = await begin(rig, world);
  await press(interview, "start", "A", "A", "A", "start", "start");
  t.ok(world.capture.some((one) => one.do === "record"));
  const { journal, events } = await folder.openJournal();
  t.match(events.at(-1), { type: "answerBegun", answerId: "s-a1" });
  await journal.close();
  await interview.leave();
  world.outbox.stop();
});

t.test("stands at the same question after a crash, on the same timeline in the same boot", async (t) => {
  const rig = await makeRig();
  const first = await start(rig);
  const { interview } = await begin(rig, first);
  await press(interview, "start", "A", "A", "A", "start", "start");
  await rig.clock.pass(5000);
  first.outbox.stop();

  const second = await start(rig);
  const again = await resume(second);
  t.match(again.session, { stage: "question", asked: 0, again: true, origin: 1000 });
  t.equal(again.now(), 5000, "the time that the agent was away counts");
  await press(again, "start");
  t.match(
    second.capture.find((one) => one.do === "record"),
    { answerId: "s-a2", sessionStart: 1000 },
  );
  await again.leave();
  await interview.leave();
  second.outbox.stop();
});

t.test("goes on where the journal ends after the machine was started anew", async (t) => {
  const rig = await makeRig();
  const first = await start(rig);
  const { interview } = await begin(rig, first);
  await rig.clock.pass(4000);
  await press(interview, "start");
  first.outbox.stop();
  rig.clock.monotonicMillis = 300;

  const second = await start(rig, "boot-2");
  const again = await resume(second);
  t.equal(again.now(), 4000);
  t.equal(again.session.origin, -3700);
  await again.leave();
  await interview.leave();
  second.outbox.stop();
});

t.test("adopts sound of a complete answer that was sealed and not announced when the agent died", async (t) => {
  const rig = await makeRig();
  const first = await start(rig);
  const { interview, folder } = await begin(rig, first);
  await press(interview, "start", "A", "A", "A", "start", "start");
  const segment = await sealed(folder, 0);
  interview.recorded({ report: "segment", segment });
  await press(interview, "start");
  await sealed(folder, 1);
  first.outbox.stop();

  const second = await start(rig);
  const again = await resume(second);
  t.equal(again.session.asked, 1, "the answer was complete");
  t.match(again.session.segments, [
    { index: 0 },
    { index: 1, offsetMillis: 1000, durationMillis: 1000, answerId: "s-a1" },
  ]);
  t.equal(second.inference.filter((one) => one.do === "segment").length >= 2, true);
  await again.leave();
  await interview.leave();
  second.outbox.stop();
});

t.test("leaves nothing of a withdrawn session, also not what a recorder seals afterwards", async (t) => {
  const rig = await makeRig();
  const world = await start(rig);
  const { interview, folder } = await begin(rig, world);
  await press(interview, "start", "A", "A", "A", "start", "start");
  const key = folder.keys.content;
  const segment = await sealed(folder, 0);
  interview.recorded({ report: "segment", segment });
  await interview.submit(() => ({ type: "withdrawn" }));
  t.strictSame(await readdir(folder.media), []);
  t.ok(
    key?.every((byte) => byte === 0),
    "the key is gone from memory too",
  );

  interview.recorded({ report: "segment", segment: await sealed(folder, 1) });
  interview.stopped("mic", { answerId: "s-a1", atMillis: 1 });
  await interview.submit(() => undefined);
  await interview.submit(() => undefined);
  t.strictSame(await readdir(folder.media), []);
  t.match(world.outbox.find("s-scorecard-1")?.entry, { until: "accepted", sessionId: "s" });
  await press(interview, "start");
  t.equal(world.ended[0]?.ended, "withdrawn");
  t.equal(await world.store.open("s"), undefined, "the device cannot open it any more");
  t.strictSame(world.faults, []);
  world.outbox.stop();
});

t.test("tells a recorder that came back to take the answer up, and only that one", async (t) => {
  const rig = await makeRig();
  const world = await start(rig);
  const { interview, folder } = await begin(rig, world);
  await press(interview, "start", "A", "A", "A", "start", "start");
  interview.recorded({ report: "segment", segment: await sealed(folder, 0) });
  await interview.submit(() => undefined);
  world.capture.length = 0;
  await interview.recorderUp("mic");
  t.match(world.capture, [{ do: "watch" }, { do: "record", answerId: "s-a1", nextIndex: 1 }]);
  world.inference.length = 0;
  await interview.inferenceUp();
  t.strictSame(
    world.inference.map((one) => one.do),
    ["open", "look", "begin", "segment"],
  );
  await interview.leave();
  world.outbox.stop();
});

t.test("tells inference to leave delivery alone where the order agrees on an accommodation", async (t) => {
  const rig = await makeRig();
  for (const [change, wanted] of [
    [{}, false],
    [{ accommodation: { answerLimitFactor: 2 } }, true],
  ] as const) {
    const world = await start(rig);
    const { interview } = await begin(rig, world, change);
    await press(interview, "start", "A", "A", "A");
    t.match(
      world.inference.find((one) => one.do === "open"),
      { withoutDelivery: wanted },
    );
    await interview.leave();
    world.outbox.stop();
    await world.store.erase("s");
  }
});

t.test("writes a journal that HR can check line by line with the key it gets", async (t) => {
  const rig = await makeRig();
  const world = await start(rig);
  const { interview, folder } = await begin(rig, world);
  await press(interview, "start", "A", "B");
  t.equal(interview.session.ended, "refused");
  const { journal } = await folder.openJournal();
  const { lines } = journal.snapshot();
  const events = readJournal(lines, { sessionId: "s", keys: folder.keys });
  t.match(events.at(-1), { type: "consentAnswered", consent: { purpose: "scoring", given: false } });
  const last = JSON.parse(lines.at(-1) ?? "") as { seq: number; prev: string; box: string };
  const opened = openBytes(
    folder.keys.journal,
    Buffer.from(last.box, "base64url"),
    `s/journal/${last.seq}/${last.prev}`,
  );
  t.match(JSON.parse(opened.toString("utf8")), { type: "consentAnswered" });
  await journal.close();
  await interview.leave();
  world.outbox.stop();
});

/** A session that was closed while its outbox could not be written: a file stands in the place of the folder. */
async function closedWithoutOutbox() {
  const rig = await makeRig();
  const world = await start(rig);
  const place = join(rig.stateDirectory, "outbox");
  const { interview } = await begin(rig, world);
  await rm(place, { recursive: true });
  await writeFile(place, "");
  await press(interview, "start", "A", "B", "start");
  return { rig, world, interview, repair: () => rm(place) };
}

t.test("keeps the keys until the scorecard has reached the outbox, and tries for as long as it is open", async (t) => {
  const { rig, world, interview, repair } = await closedWithoutOutbox();
  t.equal(interview.session.stage, "closed");
  const passing = async (times: number): Promise<void> => {
    for (let done = 0; done < times && !interview.over; done++) {
      await rig.clock.pass(1000);
      await interview.submit(() => undefined);
    }
  };
  await passing(30);
  t.equal(interview.owing, true);
  t.ok(await world.store.open("s"), "the device can still open the session");
  const refusals = world.faults.filter((one) => asFault(one).code === "delivery.failed");
  t.ok(refusals.length > 1, "it says so each time");
  t.strictSame(world.ended, []);

  await repair();
  await passing(30);
  t.match(world.outbox.find("s-scorecard-1")?.entry, { until: "accepted", sessionId: "s" });
  t.equal(await world.store.open("s"), undefined);
  t.equal(world.ended.length, 1);
  world.outbox.stop();
});

t.test("sends at the next start the scorecard that a closed session could not send, and closes it then", async (t) => {
  const { rig, world, interview, repair } = await closedWithoutOutbox();
  await interview.leave();
  world.outbox.stop();
  await repair();

  const second = await start(rig);
  const again = await resume(second);
  t.equal(again.over, true);
  t.ok(second.outbox.has("s-scorecard-1"));
  t.equal(await second.store.open("s"), undefined);
  t.strictSame(second.faults, []);
  second.outbox.stop();
});

t.test("plug-ins reach inference where the policy allows them and the candidate agreed, and only then", async (t) => {
  const rig = await makeRig();
  const world = await start(rig);
  const { policy } = orderFor(rig);
  const asked = (purpose: "pitch" | "gaze") => ({
    purpose,
    textId: purpose,
    version: 1,
    required: false,
    text: { en: `May we (${purpose})?` },
  });
  const [recording, scoring] = policy.consents as [Order["policy"]["consents"][0], Order["policy"]["consents"][0]];
  const consents = [recording, scoring, asked("pitch"), asked("gaze")];
  const { interview } = await begin(rig, world, { policy: { ...policy, consents, plugins: ["pitch", "gaze"] } });
  await press(interview, "start", "A", "A", "A", "B");
  t.equal(interview.session.stage, "check", "a refused plug-in does not end the interview");
  t.match(
    world.inference.find((one) => one.do === "open"),
    { plugins: ["pitch"] },
  );
  await interview.leave();
  world.outbox.stop();

  const plain = await start(await makeRig());
  const usual = await begin(rig, plain);
  await press(usual.interview, "start", "A", "A", "A");
  t.strictSame((plain.inference.find((one) => one.do === "open") as { plugins?: string[] }).plugins, []);
  await usual.interview.leave();
  plain.outbox.stop();
});

t.test(
  "tells inference when the question had been asked: by its prompt's end, else by when it was shown",
  async (t) => {
    const rig = await makeRig();
    const world = await start(rig);
    const { interview } = await begin(rig, world);
    const begun = () => world.inference.findLast((one) => one.do === "begin");
    await press(interview, "start", "A", "A", "A");
    await rig.clock.pass(1000);
    await press(interview, "start");
    await rig.clock.pass(4000);
    await press(interview, "start");
    t.match(begun(), { fromMillis: 5000, asked: { atMillis: 1000, by: "shown" } });
    await press(interview, "start", "B", "start");
    await rig.clock.pass(3000);
    Object.assign(world.speaker, { silentSince: rig.clock.monotonic() });
    await rig.clock.pass(2000);
    await press(interview, "start");
    t.match(begun(), { questionId: "third", fromMillis: 10_000, asked: { atMillis: 8000, by: "readOut" } });
    await interview.leave();
    world.outbox.stop();
  },
);
