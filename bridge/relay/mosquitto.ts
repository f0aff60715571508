import { Fault } from "../../contracts/fault.ts";
import { topics } from "../../contracts/topics.ts";
import { type MqttOptions, type MqttSession, openMqtt } from "../../runtime/mqtt.ts";
import type { Broker } from "./broker.ts";

/**
 * relay as a client of an MQTT broker. Its PUBACK says received, not stored, and a message that was not taken is not
 * offered again by the broker: the device sends it until it has our receipt, which is given after the commit.
 */
export function mosquitto(options: Pick<MqttOptions, "url" | "tls" | "log" | "clock">): Broker {
  let session: MqttSession | undefined;
  return {
    connected: () => session?.connected ?? false,
    publish: async (topic, payload) => {
      if (session === undefined) throw new Fault("peer.unreachable", "there is no connection to the broker yet");
      await session.publish(topic, payload);
    },
    part: ({ take, onConnect }) => ({
      name: "broker",
      start: async () => {
        const subscriptions = [topics.everyEvent, topics.everyHealth];
        const onMessage = (topic: string, payload: Buffer): void => void take(topic, payload);
        session = openMqtt({ ...options, clientId: "candor-relay", subscriptions, onMessage, onConnect });
      },
      stop: async () => session?.stop(),
    }),
  };
}
