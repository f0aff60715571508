import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

export type Log = Logger;
export type LogOptions = {
  /** The process: "agent", "relay", … */
  name: string;
  level?: string;
  /** For people; default: when stderr is a terminal. Under systemd and in pipes one JSON object a line. */
  pretty?: boolean;
  /** Keep what stands under `pii`. For a developer's own machine only. */
  showPersonalData?: boolean;
};

/**
 * Sentences are fixed, facts stand in fields, personal data only under `pii`, which is dropped unless asked for.
 * Logs go to stderr: stdout belongs to a command's answer.
 */
export function createLog({
  name,
  level = "info",
  pretty: readable = process.stderr.isTTY ?? false,
  showPersonalData = false,
}: LogOptions): Log {
  const options = {
    name,
    level,
    base: { name, pid: process.pid },
    ...(showPersonalData ? {} : { redact: { paths: ["pii", "*.pii", "*.*.pii", "*.*.*.pii"], remove: true } }),
  };
  const target = readable
    ? pretty({ destination: 2, ignore: "pid,hostname", translateTime: "HH:MM:ss.l", sync: true })
    : pino.destination({ dest: 2, sync: true });
  return pino(options, target);
}

/** For tests and tools that want silence. */
export const silentLog = (): Log => pino({ level: "silent" });
