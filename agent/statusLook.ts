import type { Scene } from "./session/view.ts";

/** What the agent's own light may say (looks of drivers/port.ts). Never a recording: of that only the process that keeps it speaks. */
export type StatusLook = "off" | "idle" | "listening" | "thinking" | "fault" | "help";

const looks: { readonly [Page in Scene["show"]]: StatusLook } = {
  starting: "thinking",
  waiting: "idle",
  codeRefused: "fault",
  notice: "idle",
  consent: "idle",
  check: "listening",
  question: "idle",
  answering: "listening",
  routing: "thinking",
  analysing: "thinking",
  feedback: "idle",
  refused: "idle",
  withdrawn: "idle",
  fault: "fault",
  service: "idle",
};

/** What the status light says of a scene. A call for help is for people in the room, so it comes before all else. */
export function lookOf({ show, help, fault }: Pick<Scene, "show" | "help" | "fault">): StatusLook {
  if (help === true) return "help";
  return fault === undefined ? looks[show] : "fault";
}
