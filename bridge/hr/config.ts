import { type ConfigOf, defineConfig } from "../../runtime/config.ts";

/** Keys of the hr process: file hr.json, environment CANDOR_HR_…. Keys and secrets are in the centre's folder, not here. */
export const hrConfig = defineConfig("hr", {
  directory: { doc: "The centre's folder; hr uses hr/ in it.", format: "folder", default: "/var/lib/candor/centre" },
  host: { doc: "Address that hr listens on.", format: "text", default: "::" },
  port: { doc: "HTTPS port of the API for HR systems; 0 takes a free one.", format: "port", default: 8440 },
  internalPort: {
    doc: "HTTPS port for relay alone, with its certificate; 0 takes a free one.",
    format: "port",
    default: 8443,
  },
  relayUrl: { doc: "relay's address, https://host:port.", format: "url", default: "https://localhost:8441" },
  requestsPerMinute: {
    doc: "Requests that one token, or one address without a known token, may make in a minute.",
    format: { unit: "requests per minute", from: 1, to: 1_000_000, whole: true },
    default: 1200,
  },
  store: {
    doc: "Address of hr's own PostgreSQL database, postgres://user:password@host/database; none: a file in the centre's folder.",
    format: "secret",
    default: null,
  },
  logLevel: {
    doc: "Least severe log line that is written.",
    format: ["debug", "info", "warn", "error"],
    default: "info",
  },
});
export type HrConfig = ConfigOf<typeof hrConfig>;
