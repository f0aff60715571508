import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cryptoProvider, PemConverter, X509CertificateGenerator } from "@peculiar/x509";
import { type EventType, eventTypes, signedTypes } from "../../contracts/envelope.ts";
import type { Identity, PrivateKey } from "../../contracts/identity.ts";
import { type CheckIn, checkInPrefix, type Order } from "../../contracts/order.ts";
import { contentHash } from "../../runtime/canonical.ts";
import type { Clock } from "../../runtime/clock.ts";
import { newPrivateKey, publicHalf, seal, sign } from "../../runtime/seal.ts";

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes with the process. */
function passingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "candor-agent-"));
  folders.push(folder);
  return folder;
}

/** What the tests of the agent share: a device with its centre, an order, and a clock that goes only when told. */
export const now = Date.parse("2026-03-01T09:00:00Z");
const day = 86_400_000;

cryptoProvider.set(globalThis.crypto);
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export type Rig = { identity: Identity; centre: PrivateKey; hr: PrivateKey; stateDirectory: string; clock: TestClock };

export async function makeRig(): Promise<Rig> {
  const [centre, encryption, hr] = await Promise.all([newPrivateKey(), newPrivateKey(), newPrivateKey()]);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=tenant:device",
    notBefore: new Date(now - 30 * day),
    notAfter: new Date(now + 300 * day),
    signingAlgorithm: algorithm,
    keys,
  });
  const keyPem = PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  const certificatePem = certificate.toString("pem");
  const identity: Identity = {
    tenantId: "tenant",
    deviceId: "device",
    keyPem,
    certificatePem,
    authorityPem: certificatePem,
    encryption,
    centre: publicHalf(centre),
  };
  return { identity, centre, hr, stateDirectory: passingFolder(), clock: new TestClock() };
}

const rubric: Order["rubric"] = {
  id: "rubric",
  version: 1,
  competencies: [{ id: "care", weight: 100, name: { en: "care", "zh-CN": "细心" } }],
  questions: [
    { id: "first", kind: "spoken", text: { en: "First?" }, answerLimitSeconds: 60 },
    {
      id: "second",
      kind: "choice",
      text: { en: "Second?" },
      options: [
        { id: "A", text: { en: "a" } },
        { id: "B", text: { en: "b" } },
      ],
      correct: ["B"],
    },
    { id: "third", kind: "spoken", text: { en: "Third?" } },
  ],
};

const policy: Order["policy"] = {
  id: "policy",
  version: 1,
  region: "EU",
  consents: (["recording", "scoring", "liveView"] as const).map((purpose) => ({
    purpose,
    textId: purpose,
    version: 1,
    required: purpose !== "liveView",
    text: { en: `May we (${purpose})?` },
  })),
  retention: { recordingDays: 30, transcriptDays: 60, scorecardDays: 90, journalDays: 120 },
  bannedSignals: [],
  plugins: [],
  alternative: { en: "a talk with a person" },
  notice: { en: "three questions" },
};

export function orderFor({ hr }: Pick<Rig, "hr">, change: Partial<Order> = {}): Order {
  const base: Order = {
    orderId: "order-1",
    tenantId: "tenant",
    deviceId: "device",
    revision: 1,
    candidate: { candidateRef: "c-1", name: "Marker Person", external: [] },
    role: { title: "engineer", external: [] },
    language: "en",
    rubric,
    policy,
    rubricHash: contentHash(rubric),
    policyHash: contentHash(policy),
    expiresAt: new Date(now + 7 * day).toISOString(),
    external: [],
    branch: "/",
    recipients: [publicHalf(hr)],
    issuedAt: new Date(now - 60_000).toISOString(),
  };
  return { ...base, ...change };
}

type Wrapping = {
  type?: EventType;
  innerType?: string;
  outerKey?: PrivateKey;
  innerKey?: PrivateKey;
  eventId?: string;
};

/** A message of the orders topic, as the centre sends it; `wrapping` makes it a wrong one. */
export async function orderMessage(rig: Rig, inner: object, wrapping: Wrapping = {}): Promise<Buffer> {
  const { orderId, revision } = inner as { orderId: string; revision: number };
  const eventId = wrapping.eventId ?? `event-${orderId}-${revision}`;
  const signed = await sign(inner, {
    key: wrapping.innerKey ?? rig.centre,
    type: wrapping.innerType ?? signedTypes.order,
  });
  const sealed = await seal(signed, [publicHalf(rig.identity.encryption)]);
  const payload = { tenantId: "tenant", deviceId: "device", eventId, orderId, revision, sealed };
  const data = await sign(payload, { key: wrapping.outerKey ?? rig.centre, type: signedTypes.event });
  return Buffer.from(
    JSON.stringify({
      specversion: "1.0",
      id: eventId,
      source: "candor/tenant/centre",
      type: wrapping.type ?? eventTypes.order,
      time: new Date(now).toISOString(),
      datacontenttype: "application/jose",
      bootid: "boot",
      elapsedmillis: 1,
      sequence: 0,
      clockquality: "unknown",
      data,
    }),
  );
}

/** The text of a check-in picture. */
export async function checkInCode(
  rig: Rig,
  change: Partial<CheckIn> = {},
  key: PrivateKey = rig.centre,
): Promise<string> {
  const code: CheckIn = {
    orderId: "order-1",
    tenantId: "tenant",
    deviceId: "device",
    revision: 1,
    nonce: "nonce-1",
    nbf: now / 1000 - 60,
    exp: now / 1000 + 3600,
    ...change,
  };
  return checkInPrefix + (await sign(code, { key, type: signedTypes.checkIn }));
}

/** Goes on only by `pass`; sleepers wake in order. */
export class TestClock implements Clock {
  wallMillis = now;
  monotonicMillis = 1000;
  #count = 0;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  monotonic(): number {
    return this.monotonicMillis;
  }

  wall(): number {
    return this.wallMillis;
  }

  async sleep(length: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const sleeper = { at: this.monotonicMillis + length, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", abort);
    });
  }

  every(length: number, work: () => void | Promise<void>): () => void {
    const ending = new AbortController();
    const turn = async (): Promise<void> => {
      await this.sleep(length, ending.signal);
      await work();
      return turn();
    };
    turn().catch((error) => {
      if (!ending.signal.aborted) throw error;
    });
    return () => ending.abort();
  }

  random(): number {
    return 0.5;
  }

  id(): string {
    this.#count += 1;
    return `id-${this.#count}`;
  }

  /** Lets time pass in small steps, so that whoever wakes can go to sleep again in between. */
  async pass(length: number): Promise<void> {
    const until = this.monotonicMillis + length;
    while (this.monotonicMillis < until) {
      const step = Math.min(50, until - this.monotonicMillis);
      this.monotonicMillis += step;
      this.wallMillis += step;
      for (const sleeper of [...this.#sleepers].filter((one) => one.at <= this.monotonicMillis)) {
        this.#sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
