import type { Command } from "commander";

/** A subcommand is loaded when it is asked for, so that help is quick and one heavy module slows no other command. */
export type Subcommand = { readonly name: string; readonly summary: string; readonly load: () => Promise<Command> };

export const subcommands: readonly Subcommand[] = [
  {
    name: "agent",
    summary: "run the interview agent of this device",
    load: async () => (await import("./agent.ts")).agentCommand(),
  },
  {
    name: "audit",
    summary: "audit outcomes for bias: impact ratios by category",
    load: async () => (await import("./audit.ts")).auditCommand(),
  },
  {
    name: "bank",
    summary: "prepare banks of questions: from and to Excel, chosen by a CV, read aloud",
    load: async () => (await import("./bank.ts")).bankCommand(),
  },
  {
    name: "board",
    summary: "say what this board is, test its parts, measure what it keeps up with",
    load: async () => (await import("./board.ts")).boardCommand(),
  },
  {
    name: "bridge",
    summary: "set up and run the centre: relay, hr, keys and tokens",
    load: async () => (await import("./bridge.ts")).bridgeCommand(),
  },
  {
    name: "calibrate",
    summary: "propose new weights for a rubric from outcomes, for a person to approve",
    load: async () => (await import("./calibrate.ts")).calibrateCommand(),
  },
  {
    name: "capture",
    summary: "run one capture process: mic or camera",
    load: async () => (await import("./capture.ts")).captureCommand(),
  },
  {
    name: "config",
    summary: "show or check the configuration of every process",
    load: async () => (await import("./config.ts")).configCommand(),
  },
  {
    name: "demo",
    summary: "let a scripted candidate be interviewed on the emulated board",
    load: async () => (await import("./demo.ts")).demoCommand(),
  },
  {
    name: "emulator",
    summary: "run the emulated board",
    load: async () => (await import("./emulator.ts")).emulatorCommand(),
  },
  {
    name: "fairness",
    summary: "measure how far a score depends on speed, pitch, loudness, noise and voice",
    load: async () => (await import("./fairness.ts")).fairnessCommand(),
  },
  {
    name: "inference",
    summary: "run the inference process",
    load: async () => (await import("./inference.ts")).inferenceCommand(),
  },
  {
    name: "judge",
    summary: "judge code by its test cases, or run the judge process",
    load: async () => (await import("./judge.ts")).judgeCommand(),
  },
  {
    name: "kiosk",
    summary: "show the agent's page on this device's screen",
    load: async () => (await import("./kiosk.ts")).kioskCommand(),
  },
  {
    name: "models",
    summary: "fetch, verify and list the models",
    load: async () => (await import("./models.ts")).modelsCommand(),
  },
  {
    name: "orders",
    summary: "order interviews by a CSV or Excel file",
    load: async () => (await import("./orders.ts")).ordersCommand(),
  },
  {
    name: "pilot",
    summary: "compare the machine's scores with those of human raters",
    load: async () => (await import("./pilot.ts")).pilotCommand(),
  },
  {
    name: "score",
    summary: "score a file of answers against its rubric",
    load: async () => (await import("./score.ts")).scoreCommand(),
  },
  {
    name: "start",
    summary: "start everything on the emulated board and leave it running",
    load: async () => (await import("./start.ts")).startCommand(),
  },
  {
    name: "transcribe",
    summary: "turn a recording into text with word times",
    load: async () => (await import("./transcribe.ts")).transcribeCommand(),
  },
];
