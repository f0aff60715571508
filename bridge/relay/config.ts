import { type ConfigOf, defineConfig } from "../../runtime/config.ts";

/** Keys of the relay process: file relay.json, environment CANDOR_RELAY_…. */
export const relayConfig = defineConfig("relay", {
  directory: {
    doc: "The centre's folder; relay uses relay/ in it.",
    format: "folder",
    default: "/var/lib/candor/centre",
  },
  host: { doc: "Address that relay listens on for hr and for metrics.", format: "text", default: "::" },
  port: { doc: "HTTPS port for hr, health and metrics; 0 takes a free one.", format: "port", default: 8441 },
  brokerUrl: { doc: "The MQTT broker, mqtts://host:port.", format: "url", default: "mqtts://localhost:8883" },
  hrUrl: { doc: "hr's internal address, https://host:port.", format: "url", default: "https://localhost:8443" },
  store: {
    doc: "Address of relay's own PostgreSQL database, postgres://user:password@host/database; none: a file in the centre's folder.",
    format: "secret",
    default: null,
  },
  logLevel: {
    doc: "Least severe log line that is written.",
    format: ["debug", "info", "warn", "error"],
    default: "info",
  },
});
export type RelayConfig = ConfigOf<typeof relayConfig>;
