import { type ConfigOf, defineConfig } from "../runtime/config.ts";

/** The keys of the agent: agent.json, CANDOR_AGENT_…, flags of `candor agent`. */
export const agentConfig = defineConfig("agent", {
  stateDirectory: {
    doc: "Where sessions, orders and the outbox are kept.",
    format: "folder",
    default: "/var/lib/candor",
  },
  runDirectory: { doc: "Where sockets, the ready file and health stand.", format: "folder", default: "/run/candor" },
  identityDirectory: {
    doc: "Where enrolment has left the device's identity.",
    format: "folder",
    default: "/etc/candor/identity",
  },
  modelsDirectory: {
    doc: "Where models are; without it where inference looks by itself.",
    format: "folder",
    default: null,
  },
  brokerUrl: { doc: "The broker, mqtts://host:port.", format: "url", default: null },
  board: {
    doc: "The board this device is, by its name in boards/; auto: told by its device tree or DMI.",
    format: "text",
    default: "auto",
  },
  boardOptions: { doc: "Options of the board's drivers, a JSON object.", format: "text", default: "{}" },
  screenPort: { doc: "Port of the candidate's page on loopback; 0 takes a free one.", format: "port", default: 0 },
  language: { doc: "Language of the page between interviews.", format: ["zh-CN", "en"], default: "zh-CN" },
  externalParts: {
    doc: "Capture and inference are started by systemd, not by the agent.",
    format: "flag",
    default: false,
  },
  inferenceThreads: {
    doc: "Threads of the recogniser.",
    format: { unit: "threads", from: 1, to: 64, whole: true },
    default: 2,
  },
  logLevel: {
    doc: "Least severe log line that is written.",
    format: ["debug", "info", "warn", "error"],
    default: "info",
  },
});
export type AgentConfig = ConfigOf<typeof agentConfig>;
