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
  screenIdleMinutes: {
    doc: "Minutes without anybody before it after which the screen is dimmed; 0: never.",
    format: { unit: "minutes", from: 0, to: 1440, whole: true },
    default: 10,
  },
  screenBrightness: {
    doc: "Share of its full light at which the screen stands while somebody is there.",
    format: { unit: "share", from: 0, to: 1, whole: false },
    default: 1,
  },
  speakerVolume: {
    doc: "Share of the speaker's full volume at which questions are read out; 0: only the page shows them.",
    format: { unit: "share", from: 0, to: 1, whole: false },
    default: 0.8,
  },
  speakerDuckedShare: {
    doc: "Share of that volume that is left while help has been called and people may be talking.",
    format: { unit: "share", from: 0, to: 1, whole: false },
    default: 0.35,
  },
  storageWarnMegabytes: {
    doc: "With less space than this where sessions are kept the device is degraded.",
    format: { unit: "megabytes", from: 0, to: 1_000_000, whole: true },
    default: 1000,
  },
  language: { doc: "Language of the page between interviews.", format: ["zh-CN", "en"], default: "zh-CN" },
  externalParts: {
    doc: "Capture, inference and judge are started by systemd, not by the agent.",
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
