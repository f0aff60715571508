import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { drawCheckIn } from "../../bridge/hr/check-in.ts";
import { type HrKeys, readHrKeys } from "../../bridge/keys.ts";
import { eventTypes, signedTypes } from "../../contracts/envelope.ts";
import type { FaultCode } from "../../contracts/fault.ts";
import type { PrivateKey } from "../../contracts/identity.ts";
import { checkInPrefix } from "../../contracts/order.ts";
import { topics } from "../../contracts/topics.ts";
import { seconds } from "../../contracts/units.ts";
import { readIdentity } from "../../provisioning/enrol.ts";
import { contentHash } from "../../runtime/canonical.ts";
import { systemClock, timestamp } from "../../runtime/clock.ts";
import { newPrivateKey, publicHalf, seal, sign, toBase64url } from "../../runtime/seal.ts";
import { checkIn, giveConsent, placeOrder, showCode } from "./interview.ts";
import { orderFor } from "./order.ts";
import { askScreen, readyAgent } from "./page.ts";
import { agentPid, openSystem } from "./system.ts";
import { eventually } from "./waiting.ts";
import { centreEnvelope, openAsRelay } from "./wire.ts";

t.setTimeout(seconds(280));
const system = await openSystem();
const { stack } = system;
const device = await readIdentity(stack.layout.identity);
const keys: HrKeys = await readHrKeys(stack.layout.centre);
const stranger = await newPrivateKey();
const relay = await openAsRelay(stack.layout.centre, system.brokerUrl);
const agentAtFirst = agentPid(system);
t.teardown(async () => {
  await relay.session.stop();
  await system.close();
});

/** The agent's count of a fault, now. */
const metByAgent = async (code: FaultCode): Promise<number> => (await system.health()).faults[code] ?? 0;

/** Does `act` and sees that the agent counts each of `codes` once more (it writes its health every few seconds), and lives. */
async function countedByAgent(t: Test, codes: readonly FaultCode[], act: () => Promise<void>): Promise<void> {
  const times = (code: FaultCode): number => codes.filter((one) => one === code).length;
  const wanted = await Promise.all(codes.map(async (code) => (await metByAgent(code)) + times(code)));
  await act();
  for (const [at, code] of codes.entries())
    await eventually(
      { what: `the agent to count ${code}`, limit: seconds(15) },
      async () => (await metByAgent(code)) >= (wanted[at] ?? 0),
    );
  t.equal(agentPid(system), agentAtFirst, `${codes.join(", ")}: counted, and the agent stays up`);
}

t.test("the page refuses requests without its token or from another origin", async (t) => {
  const ready = await readyAgent(stack.layout.run);
  if (ready === undefined) throw new Error("the agent does not run");
  const { origin, token } = ready;
  const press = { do: "press", button: "start" };
  const paths = ["/", "/events", "/page.js"];
  await countedByAgent(
    t,
    [...paths, "/do"].map((): FaultCode => "token.missing").concat("origin.refused"),
    async () => {
      for (const path of paths) {
        const answer = await askScreen(origin, { path });
        t.equal(answer.status, 401, `${path} without a token`);
        t.match(answer.text, /token\.missing/);
      }
      t.equal((await askScreen(origin, { method: "POST", path: "/do", body: press })).status, 401);
      const headers = { origin: "https://elsewhere.example" };
      const answer = await askScreen(origin, { method: "POST", path: "/do", token, body: press, headers });
      t.equal(answer.status, 403);
      t.match(answer.text, /origin\.refused/);
    },
  );
  const wrong = await askScreen(origin, { path: "/events", token: `${token.slice(0, -1)}x` });
  t.ok(wrong.status === 401, "a wrong token");
  const odd = await askScreen(origin, { method: "POST", path: "/do", token, body: { do: "press", button: "Z" } });
  t.equal(odd.status, 400, "an unknown button");
});

/** An order event as the centre would send it, with what a forger or a newer release does differently. */
async function orderEvent(
  options: { outerKey?: PrivateKey; innerKey?: PrivateKey; recipient?: PrivateKey; extra?: object } = {},
): Promise<{ text: string; eventId: string; orderId: string }> {
  const { tenantId, deviceId } = device;
  const [eventId, orderId] = [systemClock.id(), `forged-${systemClock.id().slice(0, 8)}`];
  const posted = orderFor({ deviceId });
  const inner = {
    ...posted,
    orderId,
    tenantId,
    rubricHash: contentHash(posted.rubric),
    policyHash: contentHash(posted.policy),
    recipients: [publicHalf(keys.encryption)],
    issuedAt: timestamp(systemClock.wall()),
    ...options.extra,
  };
  const signed = await sign(inner, { key: options.innerKey ?? keys.centre, type: signedTypes.order });
  const sealed = await seal(signed, [publicHalf(options.recipient ?? device.encryption)]);
  const data = await sign(
    { tenantId, deviceId, eventId, orderId, revision: 1, sealed, ...options.extra },
    { key: options.outerKey ?? keys.centre, type: signedTypes.event },
  );
  return {
    text: JSON.stringify({
      ...centreEnvelope(tenantId, { type: eventTypes.order, data, id: eventId }),
      ...options.extra,
    }),
    eventId,
    orderId,
  };
}

const sendOrder = (text: string): Promise<void> =>
  relay.session.publish(topics.orders(device.tenantId, device.deviceId), text);
const onDevice = (orderId: string): boolean => existsSync(join(stack.layout.state, "orders", `${orderId}.json`));

t.test("the device refuses unsigned, wrongly signed and wrongly sealed orders, counts them and stays up", async (t) => {
  const strange = await orderEvent({ outerKey: stranger });
  const strangeInside = await orderEvent({ innerKey: stranger });
  const forAnother = await orderEvent({ recipient: stranger });
  const unsigned = JSON.stringify(
    centreEnvelope(device.tenantId, {
      type: eventTypes.order,
      data: toBase64url(Buffer.from(JSON.stringify({ orderId: "unsigned" }))),
    }),
  );
  const codes = [
    "message.malformed",
    "signature.missing",
    "signature.invalid",
    "signature.invalid",
    "seal.unreadable",
  ] as const;
  await countedByAgent(t, codes, async () => {
    for (const text of ["no JSON at all", unsigned, strange.text, strangeInside.text, forAnother.text])
      await sendOrder(text);
  });
  for (const { orderId } of [strange, strangeInside, forAnother]) t.notOk(onDevice(orderId), "it is not kept");
});

t.test("the device takes an order of a newer centre that carries more than it knows", async (t) => {
  const newer = await orderEvent({ extra: { brandNew: { level: 9 } } });
  await sendOrder(newer.text);
  await eventually({ what: "the newer order on the device" }, () => onDevice(newer.orderId));
  t.ok(onDevice(newer.orderId));
});

async function backToWaiting(): Promise<void> {
  await system.emulator.show("empty");
  await system.press("start");
  await system.page.until("the waiting page", (one) => one.show === "waiting");
}

/** Holds a picture before the camera and sees what the page says to it. */
async function refuse(
  t: Test,
  { what, picture, code }: { what: string; picture: string; code: FaultCode },
): Promise<void> {
  await system.emulator.show(picture);
  const shown = await system.page.until(`the refusal of ${what}`, (one) => one.show === "codeRefused");
  t.equal(shown.fault, code, what);
  await backToWaiting();
}

t.test(
  "the camera's codes are refused when malformed, forged, expired, for another device or used before",
  async (t) => {
    const { orderId } = await placeOrder(system);
    const now = Math.floor(systemClock.wall() / 1000);
    const claims = {
      orderId,
      tenantId: device.tenantId,
      deviceId: device.deviceId,
      revision: 1,
      nonce: systemClock.id(),
      nbf: now - 60,
      exp: now + 600,
    };
    const code = async (changed: object, key: PrivateKey = keys.centre): Promise<string> =>
      `${checkInPrefix}${await sign({ ...claims, ...changed }, { key, type: signedTypes.checkIn })}`;
    const cases: { what: string; text: string; code: FaultCode }[] = [
      { what: "any other code", text: "https://elsewhere.example/menu", code: "qr.malformed" },
      { what: "a forged code", text: await code({}, stranger), code: "signature.invalid" },
      { what: "a code for another device", text: await code({ deviceId: "another" }), code: "order.otherDevice" },
      { what: "a code for an unknown order", text: await code({ orderId: "nowhere" }), code: "order.unknown" },
      { what: "an expired code", text: await code({ nbf: now - 7200, exp: now - 3600 }), code: "qr.expired" },
    ];
    await countedByAgent(
      t,
      cases.map((one) => one.code),
      async () => {
        for (const { what, text, code: expected } of cases) {
          const file = join(system.scratch, `refused-${expected}.png`);
          await writeFile(file, (await drawCheckIn(text)).png);
          await refuse(t, { what, picture: file, code: expected });
        }
      },
    );
    const used = await showCode(system, orderId);
    await system.page.until("the notice", (one) => one.show === "notice");
    await system.emulator.show("empty");
    await system.page.act({ do: "withdraw" });
    await system.page.until("the farewell", (one) => one.show === "withdrawn");
    await backToWaiting();
    await countedByAgent(t, ["qr.replayed"], () =>
      refuse(t, { what: "a used code", picture: used, code: "qr.replayed" }),
    );
  },
);

t.test("a forged receipt makes the device erase nothing", async (t) => {
  const { orderId } = await placeOrder(system);
  await checkIn(system, orderId);
  await stack.stop("hr");
  await giveConsent(system, { refuse: ["recording"] });
  await system.page.until("the farewell", (one) => one.show === "refused");
  const sessions = join(stack.layout.state, "sessions");
  const [sessionId = ""] = await eventually({ what: "the session's folder" }, async () => {
    const found = await readdir(sessions);
    return found.length > 0 ? found : undefined;
  });
  const eventId = `${sessionId}-scorecard-1`;
  await eventually({ what: "the scorecard in the outbox" }, () =>
    existsSync(join(stack.layout.state, "outbox", `${eventId}.json`)),
  );
  const { tenantId, deviceId } = device;
  const claim = { tenantId, deviceId, eventId, state: "accepted", at: timestamp(systemClock.wall()) };
  const send = (data: string): Promise<void> =>
    relay.session.publish(
      topics.receipts(tenantId, deviceId),
      JSON.stringify(centreEnvelope(tenantId, { type: eventTypes.receipt, data })),
    );
  const forged = await sign(claim, { key: stranger, type: signedTypes.receipt });
  const unsigned = toBase64url(Buffer.from(JSON.stringify(claim)));
  const wrongType = await sign(claim, { key: keys.centre, type: signedTypes.event });
  await backToWaiting();
  await countedByAgent(t, ["signature.missing", "signature.invalid", "signature.invalid"], async () => {
    for (const data of [unsigned, forged, wrongType]) await send(data);
  });
  await systemClock.sleep(seconds(1));
  t.ok(existsSync(join(sessions, sessionId)), "the session is still on the device");
  await stack.start("hr");
  await eventually(
    { what: "the session to go once hr has accepted it", limit: seconds(60) },
    () =>
      existsSync(join(stack.layout.state, "finished", `${sessionId}.json`)) && !existsSync(join(sessions, sessionId)),
  );
});
