import { z } from "zod";
import {
  birth,
  envelope,
  eventTypes,
  helpEvent,
  orderAcknowledged,
  orderEvent,
  receipt,
  scorecardEvent,
  sessionState,
  signedTypes,
} from "../contracts/envelope.ts";
import { checkIn, order, orderCancellation } from "../contracts/order.ts";
import { scorecard } from "../contracts/scorecard.ts";
import { topics } from "../contracts/topics.ts";

type Json = Record<string, unknown>;

/** What travels sealed or signed inside an envelope, and the event types that carry it. */
const payloads = {
  birth: {
    schema: birth,
    type: eventTypes.birth,
    summary: "A device that came up: its certificate, its encryption key",
  },
  sessionState: {
    schema: sessionState,
    type: eventTypes.sessionState,
    summary: "An interview began, ended, or was refused",
  },
  help: { schema: helpEvent, type: eventTypes.help, summary: "A candidate calls for help, or no longer needs it" },
  scorecard: { schema: scorecardEvent, type: eventTypes.scorecard, summary: "A scorecard, sealed to HR" },
  orderAcknowledged: {
    schema: orderAcknowledged,
    type: eventTypes.orderAcknowledged,
    summary: "An order is on the device's disk, or refused",
  },
  order: { schema: orderEvent, type: eventTypes.order, summary: "An order, sealed to the device" },
  orderCancelled: {
    schema: orderEvent,
    type: eventTypes.orderCancelled,
    summary: "An order is taken back, sealed to the device",
  },
  receipt: { schema: receipt, type: eventTypes.receipt, summary: "Stored, accepted or parked" },
} as const;
type PayloadName = keyof typeof payloads;

/** Each schema of the contracts as JSON Schema (draft 7, which AsyncAPI 3 takes as it is). Input shapes: what may be sent. */
const jsonSchema = (schema: z.ZodType): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
  }) as Json;
  return rest;
};

const reference = (path: string): Json => ({ $ref: `#/${path}` });

function message(name: PayloadName): Json {
  const { type, summary } = payloads[name];
  return {
    name: type,
    summary,
    contentType: "application/cloudevents+json",
    payload: { allOf: [reference("components/schemas/envelope"), { properties: { type: { const: type } } }] },
    description: `\`data\` is a compact JWS (typ ${signedTypes.event} or ${signedTypes.receipt}); its payload: #/components/schemas/${name}`,
  };
}

type Channel = { address: string; carries: readonly PayloadName[]; action: "send" | "receive"; summary: string };

/** From the device's side: it sends events, it receives orders and receipts. */
const channels: Record<string, Channel> = {
  events: {
    address: topics.events("{tenantId}", "{deviceId}"),
    carries: ["birth", "sessionState", "help", "scorecard", "orderAcknowledged"],
    action: "send",
    summary: "What the device's outbox sends, QoS 1, until the receipt has come",
  },
  orders: {
    address: topics.orders("{tenantId}", "{deviceId}"),
    carries: ["order", "orderCancelled"],
    action: "receive",
    summary: "Orders and cancellations, QoS 1, never retained, until acknowledged",
  },
  receipts: {
    address: topics.receipts("{tenantId}", "{deviceId}"),
    carries: ["receipt"],
    action: "receive",
    summary: "Signed receipts of relay and hr, QoS 1, never retained",
  },
};

function channelOf({ address, carries, summary }: Channel): Json {
  const parameter = { description: "An opaque id: letters, digits, _ and -" };
  return {
    address,
    summary,
    parameters: { tenantId: parameter, deviceId: parameter },
    messages: Object.fromEntries(carries.map((name) => [name, reference(`components/messages/${name}`)])),
  };
}

/** The AsyncAPI 3 document of everything that goes over the broker, from the contracts. */
export function asyncapiDocument(version: string): Json {
  const inner = { innerOrder: order, innerCancellation: orderCancellation, innerScorecard: scorecard, checkIn };
  const names = Object.keys(payloads) as PayloadName[];
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Candor",
      version,
      description:
        "Messages between devices and the centre. Generated from contracts/ by `make generate`: change those.",
      license: { name: "Apache-2.0" },
    },
    defaultContentType: "application/cloudevents+json",
    channels: Object.fromEntries(Object.entries(channels).map(([name, channel]) => [name, channelOf(channel)])),
    operations: Object.fromEntries(
      Object.entries(channels).map(([name, { action, summary }]) => [
        `${action}-${name}`,
        { action, summary, channel: reference(`channels/${name}`) },
      ]),
    ),
    components: {
      messages: Object.fromEntries(names.map((name) => [name, message(name)])),
      schemas: Object.fromEntries(
        [
          ["envelope", envelope] as const,
          ...names.map((name) => [name, payloads[name].schema] as const),
          ...Object.entries(inner),
        ].map(([name, schema]) => [name, jsonSchema(schema)]),
      ),
    },
  };
}
